//! A jail's past through another setting: whom it would have banned, what it would have let through, and what came of an
//! earlier forecast.
//!
//! ```text
//! Observed + ActionLog -> Ground           (the jail's past, who its addresses are, what is missing)
//! Ground + two settings -> Forecast        (courses, classes, curve, the runbook's recipes)
//! Promise + Ground -> Review               (the forecast of a change beside what happened since)
//! ```

mod classes;
mod curve;
mod forecast;
mod ground;
mod recipes;
mod review;

pub use forecast::forecast;
pub use ground::{Ground, setting_of};
pub use review::{review, without_forecast};
