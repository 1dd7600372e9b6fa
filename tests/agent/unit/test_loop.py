"""The conversation: frames, values that JSON has no form for, the one answer of each request, and the turns of followers."""

import json
import os
import subprocess
import tempfile
import time
import unittest
import zlib

from paths import Case

from f2bctl_agent import loop, verbs, waiting


def conversation(incoming=b""):
    given = tempfile.TemporaryFile()
    given.write(incoming)
    given.seek(0)
    taken = tempfile.TemporaryFile(buffering=0)
    for file in (given, taken):
        unittest.addModuleCleanup(file.close)
    return loop.Conversation(given, taken, {"interruptible": verbs.INTERRUPTIBLE})


def piped(case):
    """(a conversation over pipes, the operator's end of each)."""
    incoming, to_agent = os.pipe()
    from_agent, outgoing = os.pipe()
    reader, writer = os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb", buffering=0)
    for end in (reader, writer):
        case.addCleanup(end.close)
    case.addCleanup(os.close, from_agent)
    return loop.Conversation(reader, writer, {"interruptible": verbs.INTERRUPTIBLE}), to_agent, from_agent


def written(conversation):
    return os.pread(conversation.outgoing.fileno(), 1 << 24, 0)


def sent(conversation):
    """What was sent, read as the operator's side reads it."""
    return frames(written(conversation))


def frames(text):
    found = []
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
        self.assertEqual([given.next_request() for _ in range(3)], asked + [None])

    def test_a_request_that_is_cut_short_is_none(self):
        whole = frame({"id": 1})
        for length in (0, 1, len(whole) - 1):
            self.assertIsNone(conversation(whole[:length]).next_request())

    def test_a_request_that_is_too_large_is_refused_before_it_is_read(self):
        with self.assertRaises(loop.AgentError):
            conversation(b"%d\n" % (loop.LARGEST_REQUEST + 1)).next_request()

    def test_long_answers_are_packed_and_short_ones_are_not(self):
        given = conversation()
        answers = [{"id": 1}, {"text": "x" * loop.COMPRESS_FROM}]
        for answer in answers:
            given.send(answer)
        self.assertEqual(sent(given), answers)
        self.assertLess(len(written(given)), 500)

    def test_a_reader_that_has_gone_is_remembered(self):
        given = conversation()
        given.outgoing.close()
        given.send({"id": 1})
        self.assertFalse(given.connected)

    def test_requests_in_pieces_and_several_in_one_piece(self):
        given, to_agent, _ = piped(self)
        text = frame({"id": 1, "text": "x" * 3000}) + frame({"id": 2}) + frame({"id": 3})
        os.write(to_agent, text[:2000])
        given.look(1)
        self.assertEqual(given.requests, [])
        os.write(to_agent, text[2000:])
        self.assertEqual([given.next_request()["id"] for _ in range(3)], [1, 2, 3])
        os.close(to_agent)
        self.assertIsNone(given.next_request())

    def test_what_others_wait_for_is_given_back_when_nothing_is_asked(self):
        given, to_agent, _ = piped(self)
        idle = []
        given.when_idle = lambda: (idle.append(True), os.write(to_agent, frame({"id": 1})))
        self.addCleanup(setattr, loop, "IDLE_SECONDS", loop.IDLE_SECONDS)
        loop.IDLE_SECONDS = 0.05
        self.assertEqual((given.next_request(), idle), ({"id": 1}, [True] * len(idle)))
        self.assertTrue(idle)
        os.close(to_agent)


class Writing(Case):
    def test_an_event_is_never_waited_for_and_comes_whole_once_there_is_room(self):
        given, to_agent, from_agent = piped(self)
        events = [{"id": 1, "event": {"number": number, "random": os.urandom(20000).hex()}} for number in range(10)]
        for event in events:
            given.send(event, 0)
        self.assertGreater(len(given.unwritten), 0)
        text = b""
        while given.unwritten:
            text += os.read(from_agent, 1 << 20)
            given.look(1)
        self.assertEqual(frames(text + os.read(from_agent, 1 << 20)), events)
        os.close(to_agent)


class Follower:
    """One who follows something: each of its turns is noted, with what was served meanwhile."""

    def __init__(self, conversation):
        self.conversation = conversation
        self.turns = []
        self.heard = []

    def turn(self):
        self.turns.append(self.conversation.request_id)
        return 0.01

    def take(self, frame):
        self.heard.append(frame)


class Followers(Case):
    def setUp(self):
        Case.setUp(self)
        self.given, self.to_agent, self.from_agent = piped(self)
        self.follower = self.given.followers[7] = Follower(self.given)
        loop.SESSION["conversation"] = self.given
        self.addCleanup(loop.SESSION.clear)

    def test_followers_have_turns_while_a_request_is_waited_for_and_while_one_waits(self):
        def handler(conversation, arguments):
            waiting.pause(0.1)
            return {}

        loop.answer(self.given, lambda _: handler, {"id": 1, "verb": "apply", "arguments": {}})
        self.assertGreater(self.follower.turns.count(1), 3)
        count = len(self.follower.turns)
        self.given.look(0.005)
        self.assertEqual(len(self.follower.turns), count + 1)
        os.close(self.to_agent)

    def test_frames_for_a_follower_reach_it_and_requests_wait_their_turn(self):
        os.write(self.to_agent, frame({"follower": 7, "room": 3}) + frame({"id": 2}) + frame({"follower": 8, "stop": True}))
        waiting.pause(0.05)
        self.assertEqual(self.follower.heard, [{"follower": 7, "room": 3}])
        self.assertEqual(self.given.next_request(), {"id": 2})
        os.close(self.to_agent)

    def test_nobody_is_followed_for_who_is_gone(self):
        os.close(self.to_agent)
        self.assertIsNone(self.given.next_request())
        count = len(self.follower.turns)
        began = time.monotonic()
        waiting.pause(0.1)
        self.assertEqual(len(self.follower.turns), count)
        self.assertGreater(time.monotonic() - began, 0.09)

    def test_nonsense_that_comes_does_not_disturb_what_waits(self):
        os.write(self.to_agent, b"nonsense\n")
        waiting.pause(0.05)
        self.assertTrue(self.given.ended)
        os.close(self.to_agent)

    def test_the_output_of_a_program_is_read_to_its_end_with_turns_meanwhile(self):
        program = subprocess.Popen(["sh", "-c", "echo one; sleep 0.2; echo two"], stdout=subprocess.PIPE)
        self.assertEqual((waiting.output_of(program, 10), program.returncode), (b"one\ntwo\n", 0))
        self.assertGreater(len(self.follower.turns), 5)
        program = subprocess.Popen(["sleep", "10"], stdout=subprocess.PIPE)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        self.addCleanup(program.stdout.close)
        with self.assertRaises(subprocess.TimeoutExpired):
            waiting.output_of(program, 0.1)
        os.close(self.to_agent)


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
