"""The conversation: frames, values that JSON has no form for, and the one answer of each request."""

import io
import json
import unittest
import zlib

from paths import Case

from f2bctl_agent import loop, verbs


def conversation(incoming=b""):
    return loop.Conversation(io.BytesIO(incoming), io.BytesIO(), {"interruptible": verbs.INTERRUPTIBLE})


def sent(conversation):
    """What was sent, read as the operator's side reads it."""
    text, found = conversation.outgoing.getvalue(), []
    while text:
        header, _, text = text.partition(b"\n")
        words = header.split()
        body, text = text[:int(words[0])], text[int(words[0]):]
        found.append(json.loads(zlib.decompress(body) if words[1:] == [b"z"] else body))
    return found


def frame(value, packed=False):
    body = json.dumps(value).encode("utf-8")
    body = zlib.compress(body) if packed else body
    return b"%d%s\n" % (len(body), b" z" if packed else b"") + body


class Frames(Case):
    def test_requests_come_as_they_were_sent_until_the_end(self):
        asked = [{"id": 1, "text": "Zürich"}, {"id": 2, "list": list(range(5000))}]
        given = conversation(frame(asked[0]) + frame(asked[1], packed=True))
        self.assertEqual([given.receive(), given.receive(), given.receive()], asked + [None])

    def test_a_request_that_is_cut_short_is_none(self):
        whole = frame({"id": 1})
        for length in (0, 1, len(whole) - 1):
            self.assertIsNone(conversation(whole[:length] if length != 1 else b"\n").receive())

    def test_a_request_that_is_too_large_is_refused_before_it_is_read(self):
        with self.assertRaises(loop.AgentError):
            conversation(b"%d\n" % (loop.LARGEST_REQUEST + 1)).receive()

    def test_long_answers_are_packed_and_short_ones_are_not(self):
        given = conversation()
        answers = [{"id": 1}, {"text": "x" * loop.COMPRESS_FROM}]
        for answer in answers:
            given.send(answer)
        self.assertEqual(sent(given), answers)
        self.assertLess(len(given.outgoing.getvalue()), 500)

    def test_a_reader_that_has_gone_is_remembered(self):
        given = conversation()
        given.outgoing.close()
        given.send({"id": 1})
        self.assertFalse(given.connected)


class Values(Case):
    def test_what_json_has_no_form_for_is_shown_as_text(self):
        value = {"name": "caf\udce9", 1: [float("inf"), float("nan")], "large": 2 ** 70, "beyond": 2 ** 300, "fine": -1.5}
        self.assertEqual(json.loads(loop.encoded(value).decode("ascii")), {
            "name": "caf\\udce9", "1": ["inf", "nan"], "large": str(2 ** 70), "beyond": "a number beyond 256 bits", "fine": -1.5})

    def test_what_64_bits_hold_stays_a_number(self):
        for number in (2 ** 64 - 1, -2 ** 63, 0):
            self.assertEqual(json.loads(loop.encoded([number]).decode("ascii")), [number])


class Answers(Case):
    def answer(self, handler, verb="observe"):
        given = conversation()
        loop.answer(given, lambda _: handler, {"id": 7, "verb": verb, "arguments": {"a": 1}})
        return sent(given)

    def test_a_result_a_refusal_and_a_fault_are_one_answer_each(self):
        def refuse(*_):
            raise loop.AgentError("locked", "another change holds the lock", owner="x")

        def fail(*_):
            raise FileNotFoundError(2, "No such file or directory", "/a")

        def break_down(*_):
            return {}["missing"]

        self.assertEqual(self.answer(lambda _, arguments: arguments), [{"id": 7, "ok": {"a": 1}}])
        self.assertEqual(self.answer(refuse), [{"id": 7, "error": {
            "kind": "locked", "message": "another change holds the lock", "facts": {"owner": "x"}}}])
        self.assertEqual(self.answer(fail), [{"id": 7, "error": {
            "kind": "io", "message": "No such file or directory (/a)", "facts": {"errno": 2, "path": "/a"}}}])
        fault = self.answer(break_down)[0]["error"]
        self.assertEqual(fault["kind"], "fault")
        self.assertRegex(fault["message"], r"KeyError: 'missing' \(.*test_loop.py:\d+\)")

    def test_what_is_left_for_later_comes_behind_the_answer_and_may_fail(self):
        given, order = conversation(), []

        def handler(conversation, _):
            conversation.afterwards += [lambda: order.append(len(sent(conversation))), lambda: 1 / 0]
            return {}

        loop.answer(given, lambda _: handler, {"id": 1, "verb": "observe", "arguments": {}})
        self.assertEqual(order, [1])

    def test_an_agent_that_is_told_to_end_ends_behind_what_must_not_be_half_done(self):
        for verb, ended in (("observe", 0), ("apply", 1)):
            given = conversation()

            def handler(conversation, _):
                conversation.end()
                return {}

            with self.assertRaises(SystemExit):
                loop.answer(given, lambda _: handler, {"id": 1, "verb": verb, "arguments": {}})
            self.assertEqual(len(sent(given)), ended, verb)


class Verbs(Case):
    def test_each_verb_has_a_function(self):
        for verb in verbs.VERBS:
            self.assertTrue(callable(verbs.handler(verb)), verb)
        self.assertLess(verbs.INTERRUPTIBLE, set(verbs.VERBS))
        with self.assertRaises(loop.AgentError):
            verbs.handler("reboot")


if __name__ == "__main__":
    unittest.main()
