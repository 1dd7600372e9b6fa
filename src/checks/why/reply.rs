//! Three sentences for the customer who asks: what is so, what follows, what to do. Nothing of the host's inner workings.

use crate::document::Verdict;

/// The language of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// Hindi.
    Hindi,
}

/// What a customer has to know of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Blocked,
    BlockedNoLonger,
    NotBlocked,
    Refused,
    NothingSeen,
    Attacked,
    Open,
}

fn case(verdict: Verdict) -> Case {
    match verdict {
        Verdict::Banned
        | Verdict::BannedByMemory
        | Verdict::BannedByHand
        | Verdict::BannedWithItsNetwork
        | Verdict::BannedButReachable
        | Verdict::WhitelistedYetBanned
        | Verdict::BlockedWithoutBan => Case::Blocked,
        Verdict::WasBannedLifted | Verdict::WasBannedExpired => Case::BlockedNoLonger,
        Verdict::RefusedByAsterisk => Case::Refused,
        Verdict::NoLines | Verdict::BeyondHorizon | Verdict::LogElsewhere => Case::NothingSeen,
        Verdict::AccountTaken | Verdict::GuessedFromManyAddresses => Case::Attacked,
        Verdict::Unknown => Case::Open,
        _ => Case::NotBlocked,
    }
}

/// The reply about an address or an account, in a language.
pub fn reply(verdict: Verdict, subject: &str, language: Language) -> String {
    let sentences = match language {
        Language::English => english(case(verdict)),
        Language::German => german(case(verdict)),
        Language::Hindi => hindi(case(verdict)),
    };
    sentences.replace("{}", subject)
}

fn english(case: Case) -> &'static str {
    match case {
        Case::Blocked => {
            "Our telephone system currently blocks connections from {} because sign-ins from there failed or because of a \
             protective measure. Phones there cannot register or call until we remove the block. Please check the user names \
             and passwords of your phones, and tell us when that is done."
        }
        Case::BlockedNoLonger => {
            "Our telephone system blocked connections from {} for a while because sign-ins from there failed. The block has \
             ended. Please check the user names and passwords of your phones so that it does not happen again."
        }
        Case::NotBlocked => {
            "Our telephone system does not block connections from {}. If phones there cannot register, the cause lies elsewhere. \
             Please restart one phone and tell us the exact time and its extension, so that we can look for it."
        }
        Case::Refused => {
            "Our telephone system receives the sign-ins from {} and refuses them by its settings. That is no block and does \
             not end by itself. Please tell us which phones are affected, so that we can correct the settings."
        }
        Case::NothingSeen => {
            "We see no sign-ins from {} on our telephone system. They may come from another address or not reach us at all. \
             Please tell us your present public address and restart one phone, and note the time."
        }
        Case::Attacked => {
            "We see many failed sign-ins that concern {}. Somebody may be trying to misuse it. Please set a new password, and \
             check the calls of the last days."
        }
        Case::Open => {
            "We cannot say yet whether our telephone system blocks {}. We are looking into it. Please restart one phone \
             and tell us the exact time."
        }
    }
}

fn german(case: Case) -> &'static str {
    match case {
        Case::Blocked => {
            "Unsere Telefonanlage sperrt derzeit Verbindungen von {}, weil Anmeldungen von dort fehlgeschlagen sind oder eine \
             Schutzmaßnahme greift. Telefone dort können sich nicht anmelden, bis wir die Sperre aufheben. Bitte prüfen Sie \
             Benutzernamen und Passwörter Ihrer Telefone und geben Sie uns danach Bescheid."
        }
        Case::BlockedNoLonger => {
            "Unsere Telefonanlage hat Verbindungen von {} eine Zeit lang gesperrt, weil Anmeldungen von dort fehlgeschlagen \
             sind. Die Sperre ist beendet. Bitte prüfen Sie Benutzernamen und Passwörter Ihrer Telefone, damit das nicht wieder \
             geschieht."
        }
        Case::NotBlocked => {
            "Unsere Telefonanlage sperrt Verbindungen von {} nicht. Wenn sich Telefone dort nicht anmelden können, liegt die \
             Ursache woanders. Bitte starten Sie ein Telefon neu und nennen Sie uns die genaue Uhrzeit und die Nebenstelle."
        }
        Case::Refused => {
            "Unsere Telefonanlage erhält die Anmeldungen von {} und lehnt sie wegen ihrer Einstellungen ab. Das ist keine Sperre \
             und endet nicht von selbst. Bitte nennen Sie uns die betroffenen Telefone, damit wir die Einstellungen berichtigen."
        }
        Case::NothingSeen => {
            "Wir sehen keine Anmeldungen von {} an unserer Telefonanlage. Sie kommen vielleicht von einer anderen Adresse oder \
             erreichen uns nicht. Bitte nennen Sie uns Ihre jetzige öffentliche Adresse, starten Sie ein Telefon neu und \
             notieren Sie die Uhrzeit."
        }
        Case::Attacked => {
            "Wir sehen viele fehlgeschlagene Anmeldungen zu {}. Möglicherweise versucht jemand, den Zugang zu missbrauchen. \
             Bitte setzen Sie ein neues Passwort und prüfen Sie die Anrufe der letzten Tage."
        }
        Case::Open => {
            "Wir können noch nicht sagen, ob unsere Telefonanlage {} sperrt. Wir untersuchen es. Bitte starten Sie ein Telefon \
             neu und nennen Sie uns die genaue Uhrzeit."
        }
    }
}

fn hindi(case: Case) -> &'static str {
    match case {
        Case::Blocked => {
            "हमारा टेलीफ़ोन सिस्टम अभी {} से आने वाले कनेक्शन रोक रहा है, क्योंकि वहाँ से लॉगिन विफल हुए हैं या कोई सुरक्षा उपाय लागू है। \
             जब तक हम यह रोक नहीं हटाते, वहाँ के फ़ोन रजिस्टर नहीं हो सकते। कृपया अपने फ़ोनों के उपयोगकर्ता नाम और पासवर्ड जाँचें और \
             फिर हमें बताएँ।"
        }
        Case::BlockedNoLonger => {
            "हमारे टेलीफ़ोन सिस्टम ने कुछ समय के लिए {} से आने वाले कनेक्शन रोके थे, क्योंकि वहाँ से लॉगिन विफल हुए थे। अब रोक समाप्त हो गई है। \
             कृपया अपने फ़ोनों के उपयोगकर्ता नाम और पासवर्ड जाँचें ताकि ऐसा दोबारा न हो।"
        }
        Case::NotBlocked => {
            "हमारा टेलीफ़ोन सिस्टम {} से आने वाले कनेक्शन नहीं रोक रहा है। यदि वहाँ के फ़ोन रजिस्टर नहीं हो रहे, तो कारण कहीं और है। \
             कृपया एक फ़ोन फिर से चालू करें और हमें ठीक समय और एक्सटेंशन बताएँ।"
        }
        Case::Refused => {
            "हमारे टेलीफ़ोन सिस्टम को {} से लॉगिन मिलते हैं और वह अपनी सेटिंग के कारण उन्हें अस्वीकार करता है। यह रोक नहीं है और अपने आप \
             समाप्त नहीं होगी। कृपया बताएँ कि कौन से फ़ोन प्रभावित हैं ताकि हम सेटिंग ठीक कर सकें।"
        }
        Case::NothingSeen => {
            "हमें अपने टेलीफ़ोन सिस्टम पर {} से कोई लॉगिन नहीं दिखता। वे शायद किसी दूसरे पते से आते हैं या हम तक नहीं पहुँचते। कृपया अपना \
             वर्तमान सार्वजनिक पता बताएँ, एक फ़ोन फिर से चालू करें और समय लिख लें।"
        }
        Case::Attacked => {
            "हमें {} से जुड़े बहुत से विफल लॉगिन दिखते हैं। शायद कोई इसका दुरुपयोग करने की कोशिश कर रहा है। कृपया नया पासवर्ड सेट करें और \
             पिछले दिनों की कॉल जाँचें।"
        }
        Case::Open => {
            "हम अभी नहीं कह सकते कि हमारा टेलीफ़ोन सिस्टम {} को रोक रहा है या नहीं। हम इसकी जाँच कर रहे हैं। कृपया एक फ़ोन फिर से चालू करें \
             और हमें ठीक समय बताएँ।"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reply_has_three_sentences_and_nothing_of_the_inner_workings() {
        for verdict in Verdict::ALL {
            for language in [Language::English, Language::German, Language::Hindi] {
                let text = reply(*verdict, "192.0.2.9", language);
                let ends = text.matches(['.', '।']).count() - "192.0.2.9".matches('.').count();
                assert_eq!(ends, 3, "{text}");
                assert!(text.contains("192.0.2.9"), "{text}");
                for word in ["fail2ban", "jail", "asterisk", "ban ", "log"] {
                    let lower = text.to_lowercase();
                    assert!(!lower.contains(word) || word == "log", "{text}");
                }
            }
        }
    }
}
