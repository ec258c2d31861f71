# SPDX-License-Identifier: Apache-2.0
"""What LMCache expects of a native plugin, asked of SlotwiseConnector.

The classes after Conformance ask it all of a store that is driven in one way each.
"""

import array
import contextlib
import ctypes
import mmap
import os
import pathlib
import re
import select
import sys
import tempfile
import threading
import time
import unittest

from slotwise_lmcache import SlotwiseConnector

BLOCK = 4096
MIB = 1 << 20
TIMEOUT = 120  # seconds, for machines that are busy

UPSTREAM_KEY = "meta-llama/Llama-3.1-8B-Instruct@00000000@0@" + "5f" * 32


def pattern(key, size):
    """`size` bytes that no other key has."""
    seed = key.encode("utf-8", "surrogatepass") + b"|"
    return (seed * (size // len(seed) + 1))[:size]


def views(*buffers):
    return [memoryview(buffer) for buffer in buffers]


def aligned(size):
    """Writable memory that starts on a page."""
    return memoryview(mmap.mmap(-1, size))[:size]


def direct_io_works(folder):
    try:
        descriptor = os.open(pathlib.Path(folder, "probe"), os.O_CREAT | os.O_RDWR | os.O_DIRECT)
    except OSError:
        return False
    os.close(descriptor)
    return True


def readable(connector, timeout=0):
    return bool(select.select([connector.event_fd()], [], [], timeout)[0])


class StoreTest(unittest.TestCase):
    """A folder for stores, and what a caller of the connector does."""

    parameters = {"buffered": True}
    devices = 1

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.paths = [os.path.join(self.folder, "store-%d" % device) for device in range(self.devices)]

    def open(self, **parameters):
        defaults = {"device_path": self.paths, "create": True, "capacity_bytes": 64 * MIB}
        connector = SlotwiseConnector(**{**defaults, **self.parameters, **parameters})
        self.addCleanup(connector.close)
        return connector

    def drain(self, connector, count):
        """The next `count` completions, by future_id."""
        completions = {}
        while len(completions) < count:
            self.assertTrue(readable(connector, TIMEOUT), "no completion in time")
            for completion in connector.drain_completions():
                self.assertNotIn(completion[0], completions)
                completions[completion[0]] = completion
        self.assertEqual(len(completions), count)
        return completions

    def complete(self, connector, future_id):
        """The results by key of the only batch under way."""
        ((drained_id, ok, error, results),) = self.drain(connector, 1).values()
        self.assertEqual((drained_id, ok, error), (future_id, True, ""))
        return results

    def set(self, connector, payloads):
        return self.complete(connector, connector.submit_batch_set(list(payloads), views(*payloads.values())))

    def get(self, connector, keys, buffers):
        return self.complete(connector, connector.submit_batch_get(keys, [memoryview(buffer) for buffer in buffers]))

    def exists(self, connector, *keys):
        return self.complete(connector, connector.submit_batch_exists(list(keys)))

    def delete(self, connector, *keys):
        return self.complete(connector, connector.submit_batch_delete(list(keys)))

    def assert_holds(self, connector, payloads):
        buffers = [bytearray(len(payload)) for payload in payloads.values()]
        self.assertEqual(self.get(connector, list(payloads), buffers), [True] * len(payloads))
        self.assertEqual(buffers, list(payloads.values()))


class Conformance:
    # --- shapes ---

    def test_shape_of_completions(self):
        connector = self.open()
        self.assertIs(type(connector.event_fd()), int)
        self.assertEqual(connector.drain_completions(), [])
        payload, destination = memoryview(b"payload"), memoryview(bytearray(7))
        for future_id in (
            connector.submit_batch_set(["a"], [payload]),
            connector.submit_batch_get(["a"], [destination]),
            connector.submit_batch_exists(["a"]),
            connector.submit_batch_delete(["a"]),
        ):
            self.assertIs(type(future_id), int)
        for completion in self.drain(connector, 4).values():
            self.assertEqual([type(field) for field in completion], [int, bool, str, list])
            self.assertEqual([type(result) for result in completion[3]], [bool])

    def test_future_ids_differ(self):
        connector = self.open()
        future_ids = [connector.submit_batch_exists(["a"]) for _ in range(100)]
        self.assertEqual(len(set(future_ids)), 100)
        self.assertEqual(set(self.drain(connector, 100)), set(future_ids))

    def test_empty_batches(self):
        connector = self.open()
        self.assertEqual(self.set(connector, {}), [])
        self.assertEqual(self.get(connector, [], []), [])
        self.assertEqual(self.exists(connector), [])
        self.assertEqual(self.delete(connector), [])

    # --- round trips ---

    def test_set_get_exists_delete(self):
        connector = self.open()
        payloads = {key: pattern(key, size) for key, size in (("a", 1), ("b", BLOCK), ("c", 100_001), ("d", 2 * MIB))}
        self.assertEqual(self.exists(connector, *payloads), [False] * 4)
        self.assertEqual(self.set(connector, payloads), [True] * 4)
        self.assertEqual(self.exists(connector, "a", "nobody", "d"), [True, False, True])
        self.assert_holds(connector, payloads)
        self.assertEqual(self.delete(connector, "a", "nobody", "c"), [True, False, True])
        self.assertEqual(self.exists(connector, *payloads), [False, True, False, True])
        self.assertEqual(self.get(connector, ["a"], [bytearray(1)]), [False])
        self.assertEqual(self.delete(connector, "a"), [False])

    def test_duplicate_set_keeps_the_original(self):
        connector = self.open()
        self.assertEqual(self.set(connector, {"a": b"original"}), [True])
        self.assertEqual(self.set(connector, {"a": b"another!"}), [True])
        self.assert_holds(connector, {"a": b"original"})
        future_id = connector.submit_batch_set(["b", "b"], views(b"first", b"later"))
        self.assertEqual(self.complete(connector, future_id), [True, True])
        self.assert_holds(connector, {"b": b"first"})

    def test_key_can_be_set_again_after_delete(self):
        connector = self.open()
        self.set(connector, {"a": b"one"})
        self.delete(connector, "a")
        self.assertEqual(self.set(connector, {"a": b"other"}), [True])
        self.assert_holds(connector, {"a": b"other"})

    def test_thousand_keys_in_a_batch(self):
        connector = self.open(queue_depth=8)
        payloads = {"%s%04d" % (UPSTREAM_KEY, i): pattern(str(i), 5000) for i in range(1000)}
        self.assertEqual(self.set(connector, payloads), [True] * 1000)
        self.assertEqual(self.exists(connector, *payloads), [True] * 1000)
        self.assert_holds(connector, payloads)
        self.assertEqual(self.delete(connector, *payloads), [True] * 1000)
        self.assertEqual(self.exists(connector, *payloads), [False] * 1000)

    def test_many_batches_under_way(self):
        connector = self.open()
        payloads = {str(i): pattern(str(i), 10_000) for i in range(200)}
        for key, payload in payloads.items():
            connector.submit_batch_set([key], views(payload))
        for _, ok, error, results in self.drain(connector, 200).values():
            self.assertEqual((ok, error, results), (True, "", [True]))
        self.assert_holds(connector, payloads)

    # --- buffers ---

    def test_misses_leave_buffers_untouched(self):
        connector = self.open()
        self.set(connector, {"here": b"x" * BLOCK})
        buffers = [aligned(BLOCK) for _ in range(3)]
        for buffer in buffers:
            buffer[:] = b"\xaa" * BLOCK
        self.assertEqual(self.get(connector, ["gone", "here", "never"], buffers), [False, True, False])
        self.assertEqual([buffer[0] for buffer in buffers], [0xAA, ord("x"), 0xAA])
        self.assertEqual(bytes(buffers[0]), b"\xaa" * BLOCK)
        self.assertEqual(bytes(buffers[2]), b"\xaa" * BLOCK)

    def test_buffers_of_all_kinds_and_alignments(self):
        connector = self.open()
        size = 3 * BLOCK + 5
        memory = {
            "bytearray": memoryview(bytearray(size)),
            "slice": memoryview(bytearray(size + 9))[3 : size + 3],
            "mmap": aligned(size),
            "mmap, a byte on": memoryview(mmap.mmap(-1, size + 1))[1 : size + 1],
            "ctypes": memoryview((ctypes.c_ubyte * size)()),
            "array": memoryview(array.array("b", bytes(size))),
            "cast": memoryview(bytearray(size)).cast("c"),
        }
        payloads = {key: pattern(key, size) for key in memory}
        for key, view in memory.items():
            view.cast("B")[:] = payloads[key]
        future_id = connector.submit_batch_set(list(memory), list(memory.values()))
        self.assertEqual(self.complete(connector, future_id), [True] * len(memory))
        for view in memory.values():
            view.cast("B")[:] = bytes(size)
        self.assertEqual(self.get(connector, list(memory), memory.values()), [True] * len(memory))
        self.assertEqual({key: bytes(view) for key, view in memory.items()}, payloads)

    def test_padded_buffers(self):
        connector = self.open()
        padded = aligned(2 * BLOCK)
        padded[:5000] = pattern("a", 5000)
        self.assertEqual(self.set(connector, {"a": padded}), [True])
        back = aligned(4 * BLOCK)
        back[:] = b"\xaa" * len(back)
        self.assertEqual(self.get(connector, ["a"], [back]), [True])
        self.assertEqual(bytes(back[: 2 * BLOCK]), bytes(padded))
        self.assertEqual(bytes(back[2 * BLOCK :]), b"\xaa" * 2 * BLOCK)

    def test_larger_destination(self):
        connector = self.open()
        self.set(connector, {"a": pattern("a", 5000)})
        for back in (aligned(3 * BLOCK), memoryview(bytearray(3 * BLOCK + 1))[1:]):
            back[:] = b"\xaa" * len(back)
            self.assertEqual(self.get(connector, ["a"], [back]), [True])
            self.assertEqual(bytes(back[:5000]), pattern("a", 5000))
            self.assertEqual(bytes(back[2 * BLOCK :]), b"\xaa" * BLOCK)

    def test_smaller_destination_is_left_untouched(self):
        connector = self.open()
        self.set(connector, {"a": pattern("a", 5000), "b": b"b"})
        for small in (aligned(BLOCK), bytearray(b"\0" * 4999)):
            self.assertEqual(self.get(connector, ["a", "b"], [small, bytearray(1)]), [False, True])
            self.assertEqual(bytes(small), bytes(len(small)))

    def test_bad_buffer_fails_its_key_only(self):
        connector = self.open()
        released = memoryview(bytearray(8))
        released.release()
        bad = [memoryview(b""), memoryview(array.array("I", [1, 2])), memoryview(bytearray(16))[::2], released]
        keys = ["bad %d" % i for i in range(len(bad))] + ["good"]
        future_id = connector.submit_batch_set(keys, bad + views(b"good"))
        self.assertEqual(self.complete(connector, future_id), [False] * len(bad) + [True])
        self.assertEqual(self.exists(connector, *keys), [False] * len(bad) + [True])

        destination = bytearray(4)
        bad.append(memoryview(b"read-only"))
        keys = ["good"] * (len(bad) + 1)
        future_id = connector.submit_batch_get(keys, bad + views(destination))
        self.assertEqual(self.complete(connector, future_id), [False] * len(bad) + [True])
        self.assertEqual(destination, b"good")
        self.assertEqual(bad[-1], b"read-only")

    def test_wrong_types_are_refused_whole(self):
        connector = self.open()
        payload = memoryview(b"payload")
        for keys, memoryviews in (
            ("a", [payload]),
            (("a",), [payload]),
            (["a", 7], [payload, payload]),
            (["a", b"b"], [payload, payload]),
            (["a"], payload),
            (["a"], ["text"]),
            (["a"], [None]),
        ):
            for submit in (connector.submit_batch_set, connector.submit_batch_get):
                with self.assertRaises(TypeError):
                    submit(keys, memoryviews)
        for submit in (connector.submit_batch_exists, connector.submit_batch_delete):
            for keys in ("a", ["a", None]):
                with self.assertRaises(TypeError):
                    submit(keys)
        with self.assertRaisesRegex(ValueError, "2 keys, but 1 memoryviews"):
            connector.submit_batch_set(["a", "b"], [payload])
        with self.assertRaisesRegex(ValueError, "1 keys, but 0 memoryviews"):
            connector.submit_batch_get(["a"], [])
        self.assertEqual(connector.drain_completions(), [])
        self.assertEqual(self.exists(connector, "a", "b"), [False, False])

    def test_buffers_are_held_until_the_drain(self):
        connector = self.open()
        memory = bytearray(BLOCK)
        view = memoryview(memory)
        future_id = connector.submit_batch_set(["a"], [view])
        self.assertTrue(readable(connector, TIMEOUT))
        with self.assertRaises(BufferError):
            view.release()
        with self.assertRaises(BufferError):
            memory.append(0)
        self.assertEqual(self.complete(connector, future_id), [True])
        view.release()
        memory.append(0)

    # --- one key never fails its batch ---

    def test_odd_keys(self):
        connector = self.open()
        keys = {
            "@": True,
            UPSTREAM_KEY: True,
            UPSTREAM_KEY + "@tenant-7": True,
            "k" * 100: True,
            "k" * 256: True,
            "ключ/鍵/🔑": True,
            "with\0zero": True,
            "with\nline": True,
            "alone \udc80": True,
            "": False,
            "k" * 257: False,
            "ü" * 129: False,
            "k" * 100_000: False,
        }
        payloads = {key: pattern(key + "|", 100) for key in keys}
        self.assertEqual(self.set(connector, payloads), list(keys.values()))
        self.assertEqual(self.exists(connector, *keys), list(keys.values()))
        self.assert_holds(connector, {key: payloads[key] for key, fits in keys.items() if fits})
        self.assertEqual(self.get(connector, [""], [bytearray(100)]), [False])
        self.assertEqual(self.delete(connector, *keys), list(keys.values()))

    def test_oversize_fails_one_key_only(self):
        connector = self.open()
        payloads = {"a": b"a", "too large": bytes(100 * MIB), "b": b"b"}
        self.assertEqual(self.set(connector, payloads), [True, False, True])
        self.assertEqual(self.exists(connector, *payloads), [True, False, True])

    # --- the event descriptor ---

    def test_event_fd_is_readable_while_completions_wait(self):
        connector = self.open()
        self.assertFalse(readable(connector))
        for _ in range(3):
            connector.submit_batch_exists(["a"])
            connector.submit_batch_exists(["b"])
            self.assertTrue(readable(connector, TIMEOUT))
            self.assertTrue(readable(connector))
            self.drain(connector, 2)
            self.assertFalse(readable(connector))
            self.assertEqual(connector.drain_completions(), [])

    def test_event_fd_wakes_a_poller(self):
        connector = self.open()
        poller = select.poll()
        poller.register(connector.event_fd(), select.POLLIN)
        self.assertEqual(poller.poll(0), [])
        woken = []
        thread = threading.Thread(target=lambda: woken.append(poller.poll(TIMEOUT * 1000)))
        thread.start()
        connector.submit_batch_exists(["a"])
        thread.join()
        self.assertEqual(woken, [[(connector.event_fd(), select.POLLIN)]])
        self.drain(connector, 1)

    # --- threads ---

    def test_gil_is_released_at_work(self):
        """No other thread gets the GIL from this one, unless this one gives it away."""
        connector = self.open()
        keys = ["key %d" % i for i in range(10_000)]
        buffers = [memoryview(bytearray(16))] * len(keys)
        turns = 0
        stop = False

        def take_turns():
            nonlocal turns
            while not stop:
                turns += 1
                time.sleep(0)

        def turns_during(submit, *arguments):
            """Those of the other thread within a call; of many, as on a busy machine it comes too late to most."""
            taken = 0
            deadline = time.monotonic() + TIMEOUT
            while taken == 0 and time.monotonic() < deadline:
                before = turns
                submit(*arguments)
                taken = turns - before
                self.drain(connector, 1)
            return taken

        interval = sys.getswitchinterval()
        self.addCleanup(sys.setswitchinterval, interval)
        sys.setswitchinterval(1000)
        thread = threading.Thread(target=take_turns)
        thread.start()
        try:
            for submit, *arguments in (
                (connector.submit_batch_set, keys, buffers),
                (connector.submit_batch_get, keys, buffers),
                (connector.submit_batch_exists, keys),
                (connector.submit_batch_delete, keys),
            ):
                self.assertGreater(turns_during(submit, *arguments), 0, submit)
            connector.submit_batch_set(keys, buffers)
            before = turns
            connector.close()
            self.assertGreater(turns, before)
        finally:
            stop = True
            thread.join()

    def test_submit_does_not_wait_for_the_device(self):
        connector = self.open(capacity_bytes=256 * MIB)
        payload = aligned(MIB)
        shares = []
        for attempt in range(5):
            keys = ["%d, %d" % (attempt, i) for i in range(32)]
            began = time.monotonic()
            future_id = connector.submit_batch_set(keys, [payload] * len(keys))
            submitted = time.monotonic()
            self.assertEqual(self.complete(connector, future_id), [True] * len(keys))
            shares.append((submitted - began) / (time.monotonic() - began))
        self.assertLess(min(shares), 0.5)

    def test_many_threads(self):
        connector = self.open()
        future_ids = [[] for _ in range(4)]

        def work(thread):
            for i in range(50):
                key = "%d, %d" % (thread, i)
                future_ids[thread].append(connector.submit_batch_set([key], views(pattern(key, 3000))))

        threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        drained = self.drain(connector, 200)
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(sum(future_ids, [])), sorted(drained))
        self.assertTrue(all(results == [True] for _, _, _, results in drained.values()))

    # --- coming and going ---

    def test_restart_finds_the_data(self):
        payloads = {str(i): pattern(str(i), 7000 + i) for i in range(100)}
        connector = self.open()
        self.set(connector, payloads)
        self.delete(connector, "7")
        connector.close()
        del payloads["7"]
        again = self.open(create=False, capacity_bytes=0, device_path=self.paths[::-1])
        self.assert_holds(again, payloads)
        self.assertEqual(self.exists(again, "7"), [False])

    def test_what_was_durable_survives_a_kill(self):
        payloads = {str(i): pattern(str(i), 7000 + i) for i in range(20)}
        child = os.fork()
        if child == 0:
            connector = self.open(durability="durable")
            os._exit(0 if self.set(connector, payloads) == [True] * 20 else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assert_holds(self.open(create=False, capacity_bytes=0), payloads)

    def in_fork(self, body):
        """What `body` gives in a forked child, which must end by itself."""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(write, (body() or "done").encode())
            finally:
                os._exit(0)
        os.close(write)
        self.addCleanup(os.close, read)
        self.assertTrue(select.select([read], [], [], 60)[0], "the child hangs")
        answer = os.read(read, 1 << 16).decode()
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        return answer

    def test_a_fork_leaves_the_store_to_its_parent(self):
        metrics = os.path.join(self.folder, "fork.prom")
        for parameters in ({}, {"metrics_path": metrics}, {"io_engine": "file"}):
            for busy in (False, True):
                with self.subTest(busy=busy, **parameters):
                    self.check_fork(parameters, busy)

    def check_fork(self, parameters, busy):
        # Of nobody else, so that a child that clears the list drops it.
        defaults = {"device_path": self.paths, "create": True, "capacity_bytes": 64 * MIB}
        connectors = [SlotwiseConnector(**{**defaults, **self.parameters, **parameters})]
        payloads = {str(i): pattern(str(i), 100_000) for i in range(40)}
        future_id = connectors[0].submit_batch_set(list(payloads), views(*payloads.values()))
        if not busy:
            self.complete(connectors[0], future_id)

        def use():
            try:
                connectors[0].submit_batch_exists(["1"])
            except RuntimeError as error:
                return str(error)

        self.assertIn("fork", self.in_fork(use))
        self.assertEqual(self.in_fork(lambda: connectors[0].close()), "done")
        self.assertEqual(self.in_fork(connectors.clear), "done")
        if busy:
            self.complete(connectors[0], future_id)
        self.assert_holds(connectors[0], payloads)
        sleeper = os.fork()
        if sleeper == 0:
            time.sleep(600)
            os._exit(0)
        connectors[0].close()
        again = self.open(create=False, capacity_bytes=0)  # although a child lives
        self.assert_holds(again, payloads)
        again.close()
        os.kill(sleeper, 9)
        os.waitpid(sleeper, 0)

    def test_close_with_work_in_flight(self):
        connector = self.open()
        payloads = {str(i): pattern(str(i), 200_000) for i in range(100)}
        future_id = connector.submit_batch_set(list(payloads), views(*payloads.values()))
        connector.close()
        connector.close()
        self.assertTrue(readable(connector))
        self.assertEqual(connector.drain_completions(), [(future_id, True, "", [True] * 100)])
        self.assertEqual(connector.drain_completions(), [])
        self.assertFalse(readable(connector))
        self.assert_holds(self.open(create=False, capacity_bytes=0), payloads)

    def test_closed_connector_refuses(self):
        connector = self.open()
        connector.close()
        for submit, arguments in (
            (connector.submit_batch_set, (["a"], views(b"a"))),
            (connector.submit_batch_get, (["a"], views(bytearray(1)))),
            (connector.submit_batch_exists, (["a"],)),
            (connector.submit_batch_delete, (["a"],)),
        ):
            with self.assertRaisesRegex(RuntimeError, "closed"):
                submit(*arguments)
        self.assertEqual(connector.drain_completions(), [])

    def test_connector_that_is_dropped_is_closed(self):
        connector = SlotwiseConnector(device_path=self.paths, create=True, capacity_bytes=64 * MIB, **self.parameters)
        memory = bytearray(b"a")
        connector.submit_batch_set(["a"], views(memory))
        del connector
        memory.append(0)  # Nothing holds it.
        self.assertEqual(self.exists(self.open(create=False, capacity_bytes=0), "a"), [True])

    def test_in_use_is_refused(self):
        self.open()
        with self.assertRaisesRegex(RuntimeError, re.escape(self.paths[0])):
            self.open()

    # --- a full store ---

    def fill(self, connector):
        """The keys of 1 MiB each that fit, of more than do."""
        keys = [str(i) for i in range(64 * self.devices)]
        stored = [key for key in keys if self.set(connector, {key: bytes(MIB)}) == [True]]
        self.assertGreater(len(stored), 16 * self.devices)
        self.assertLess(len(stored), 32 * self.devices)
        return stored

    def test_full_store_refuses_then_accepts_after_a_delete(self):
        connector = self.open(eviction="none", capacity_bytes=32 * MIB)
        stored = self.fill(connector)
        self.assertEqual(self.exists(connector, *stored), [True] * len(stored))
        self.assertEqual(self.set(connector, {"one more": bytes(2 * MIB)}), [False])
        self.assertEqual(self.delete(connector, *stored), [True] * len(stored))
        self.assertEqual(len(self.fill(connector)), len(stored))

    def test_full_batch_fails_some_keys_only(self):
        connector = self.open(eviction="none", capacity_bytes=32 * MIB)
        payloads = {str(i): bytes(MIB) for i in range(64 * self.devices)}
        results = self.set(connector, payloads)
        self.assertGreater(sum(results), 16)
        self.assertLess(sum(results), len(results))
        self.assertEqual(self.exists(connector, *payloads), results)

    def test_eviction_never_refuses(self):
        with self.assertRaises(ValueError) as refused:
            self.open(eviction="?")
        names = re.search("one of none, (lru.*)", str(refused.exception)).group(1).split(", ")
        for eviction in names:
            with self.subTest(eviction=eviction):
                paths = [path + eviction for path in self.paths]
                connector = self.open(device_path=paths, eviction=eviction, capacity_bytes=16 * MIB)
                for batch in range(8):
                    payloads = {"%d, %d" % (batch, i): bytes(MIB // 2) for i in range(8)}
                    self.assertEqual(self.set(connector, payloads), [True] * 8)
                connector.close()

    def test_lru_gives_up_the_oldest(self):
        connector = self.open(eviction="lru", capacity_bytes=16 * MIB)
        for i in range(64 * self.devices):
            self.set(connector, {str(i): bytes(MIB)})
        self.assertEqual(self.exists(connector, "0", str(64 * self.devices - 1)), [False, True])


class DirectTest(Conformance, StoreTest):
    parameters = {}

    def setUp(self):
        super().setUp()
        if not direct_io_works(self.folder):
            self.skipTest("no O_DIRECT in %s" % self.folder)


class PageCacheTest(Conformance, StoreTest):
    parameters = {"buffered": True}


class FileEngineTest(Conformance, StoreTest):
    parameters = {"buffered": True, "io_engine": "file"}


class ShardsTest(Conformance, StoreTest):
    parameters = {"buffered": True, "durability": "durable", "commit_interval_ms": 5}
    devices = 2


class ParametersTest(StoreTest):
    def assert_refused(self, error, message, **parameters):
        with self.assertRaisesRegex(error, message):
            self.open(**parameters)
        self.assertFalse(os.path.exists(self.paths[0]))

    def test_wrong_values(self):
        for message, parameters in (
            (r"device_path=\[\]: must be", {"device_path": []}),
            (r"device_path='': must be", {"device_path": ""}),
            (r"capacity_bytes=-1: must be from 0", {"capacity_bytes": -1}),
            (r"capacity_bytes=1.*: out of range", {"capacity_bytes": 10**30}),
            (r"queue_depth=0: must be from 1 to 4096", {"queue_depth": 0}),
            (r"queue_depth=5000: must be from 1 to 4096", {"queue_depth": 5000}),
            (r"payload_bytes=-1: must be from 0", {"payload_bytes": -1}),
            (r"payload_bytes=0: must be the size of a full payload", {"allocator": "slab"}),
            (r"payload_bytes=0: must be the size of a full payload", {"allocator": "fixed"}),
            (r"allocator='best': must be one of fixed, buddy, slab, extent", {"allocator": "best"}),
            (r"eviction='luck': must be one of none, lru,", {"eviction": "luck"}),
            (r"durability='yes': must be one of batched, durable", {"durability": "yes"}),
            (r"commit_interval_ms=0: must be from 1", {"commit_interval_ms": 0}),
            (r"io_engine='libaio': must be one of auto, uring, file", {"io_engine": "libaio"}),
            (r"metrics_interval=0: must be from 0.1", {"metrics_interval": 0}),
            (r"metrics_interval=nan: must be from 0.1", {"metrics_interval": float("nan")}),
        ):
            with self.subTest(parameters=parameters):
                self.assert_refused(ValueError, message, **parameters)

    def test_wrong_types(self):
        for message, parameters in (
            (r"device_path=7: must be a str or a list of str", {"device_path": 7}),
            (r"device_path=\['a', None\]: must be", {"device_path": ["a", None]}),
            (r"capacity_bytes='1G': must be an int", {"capacity_bytes": "1G"}),
            (r"capacity_bytes=1.5: must be an int", {"capacity_bytes": 1.5}),
            (r"queue_depth=True: must be an int", {"queue_depth": True}),
            (r"create=1: must be True or False", {"create": 1}),
            (r"buffered='no': must be True or False", {"buffered": "no"}),
            (r"payload_bytes=None: must be an int", {"payload_bytes": None}),
            (r"allocator=3: must be a str", {"allocator": 3}),
            (r"eviction=None: must be a str", {"eviction": None}),
            (r"metrics_path=None: must be a str", {"metrics_path": None}),
            (r"metrics_interval='10': must be a number", {"metrics_interval": "10"}),
            (r"queue_dept=7: no such parameter", {"queue_dept": 7}),
        ):
            with self.subTest(parameters=parameters):
                self.assert_refused(TypeError, message, **parameters)

    def test_device_path_is_required(self):
        with self.assertRaisesRegex(TypeError, "device_path"):
            SlotwiseConnector(create=True)

    def test_every_allocator_and_engine(self):
        for i, parameters in enumerate(
            (
                {"allocator": "extent"},
                {"allocator": "buddy"},
                {"allocator": "slab", "payload_bytes": 100_000},
                {"allocator": "fixed", "payload_bytes": 100_000},
                {"io_engine": "file"},
                {"io_engine": "auto", "queue_depth": 1},
            )
        ):
            with self.subTest(parameters=parameters):
                connector = self.open(device_path=os.path.join(self.folder, str(i)), **parameters)
                payloads = {key: pattern(key, 100_000) for key in "abc"}
                self.assertEqual(self.set(connector, payloads), [True] * 3)
                self.assert_holds(connector, payloads)


class FormatTest(StoreTest):
    """What is formatted, and what is left alone."""

    def write(self, contents):
        path = pathlib.Path(self.paths[0])
        path.write_bytes(contents)
        return path

    def test_missing_file_without_create(self):
        with self.assertRaisesRegex(RuntimeError, "does not exist; create=True"):
            self.open(create=False)
        self.assertFalse(os.path.exists(self.paths[0]))

    def test_missing_file_without_capacity(self):
        with self.assertRaisesRegex(RuntimeError, "capacity_bytes"):
            self.open(capacity_bytes=0)
        self.assertFalse(os.path.exists(self.paths[0]))

    def test_missing_device_is_not_created(self):
        with self.assertRaisesRegex(RuntimeError, "/dev/no-such-disk"):
            self.open(device_path="/dev/no-such-disk")
        self.assertFalse(os.path.exists("/dev/no-such-disk"))

    def test_blank_file(self):
        path = self.write(bytes(16 * MIB))
        with self.assertRaisesRegex(RuntimeError, "not formatted.*create=True"):
            self.open(create=False, capacity_bytes=0)
        self.assertEqual(path.read_bytes(), bytes(16 * MIB))
        connector = self.open(capacity_bytes=0)
        self.assertEqual(self.set(connector, {"a": b"a"}), [True])

    def test_foreign_file_is_refused_and_unchanged(self):
        for contents in (b"somebody's diary", bytes(3000) + b"ext4" + bytes(16 * MIB)):
            path = self.write(contents)
            for create in (False, True):
                with self.assertRaisesRegex(RuntimeError, re.escape(str(path)) + ".*not formatted by Slotwise"):
                    self.open(create=create)
            self.assertEqual(path.read_bytes(), contents)

    def test_formatted_file_is_opened_as_it_is(self):
        connector = self.open()
        self.set(connector, {"a": b"a"})
        connector.close()
        again = self.open(create=True, capacity_bytes=32 * MIB, allocator="buddy")
        self.assert_holds(again, {"a": b"a"})
        self.assertEqual(os.path.getsize(self.paths[0]), 64 * MIB)

    def test_neither_file_nor_device(self):
        for path in (self.folder, "/dev/null"):
            with self.assertRaisesRegex(RuntimeError, path):
                self.open(device_path=path)

    def test_one_path_twice(self):
        with self.assertRaisesRegex(RuntimeError, "are one device"):
            self.open(device_path=[self.paths[0]] * 2)

    def test_capacity_too_small(self):
        for capacity in (1, 100_000):
            with self.assertRaisesRegex(RuntimeError, "capacity"):
                self.open(capacity_bytes=capacity)
            self.assertFalse(os.path.exists(self.paths[0]))


class MetricsTest(StoreTest):
    SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (NaN|[-+0-9.e]+)$')

    def read(self):
        """The values by name; of several with the same name, their sum."""
        values = {}
        for line in self.path.read_text().splitlines():
            if not line.startswith("#"):
                sample = self.SAMPLE.match(line)
                self.assertIsNotNone(sample, line)
                values[sample[1]] = values.get(sample[1], 0) + float(sample[3])
        return values

    def setUp(self):
        super().setUp()
        self.path = pathlib.Path(self.folder, "slotwise.prom")

    def test_file_follows_the_store(self):
        connector = self.open(metrics_path=str(self.path), metrics_interval=0.1)
        self.assertEqual(self.read()["slotwise_stored_total"], 0)
        self.set(connector, {"a": b"a", "b": b"b"})
        deadline = time.monotonic() + TIMEOUT
        while self.read()["slotwise_stored_total"] != 2:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.get(connector, ["a", "c"], [bytearray(1), bytearray(1)])
        connector.close()
        values = self.read()
        self.assertEqual([values["slotwise_%s_total" % name] for name in ("gets", "hits", "misses")], [2, 1, 1])
        self.assertEqual(values["slotwise_entries"], 2)
        self.assertIn("slotwise_stage_seconds_count", values)
        self.assertEqual(sorted(os.listdir(self.folder)), ["slotwise.prom", "store-0"])

    def test_unwritable_path_is_refused(self):
        with self.assertRaisesRegex(RuntimeError, "nowhere"):
            self.open(metrics_path=os.path.join(self.folder, "nowhere", "slotwise.prom"))

    def test_nothing_else_is_overwritten(self):
        store = os.path.join(self.folder, "store-0")
        with self.assertRaisesRegex(RuntimeError, "metrics_path: .*would overwrite"):
            self.open(metrics_path=store)
        self.assertEqual(os.listdir(self.folder), [])
        self.open().close()
        os.link(store, self.path)
        os.mkfifo(os.path.join(self.folder, "pipe"))
        os.mkfifo(os.path.join(self.folder, "half.unfinished"))
        for path in (store, str(self.path), "/dev/null", *(os.path.join(self.folder, name) for name in ("pipe", "half"))):
            with self.assertRaisesRegex(RuntimeError, "metrics_path: cannot write"):
                self.open(metrics_path=path)
        self.path.unlink()
        self.open(create=False, capacity_bytes=0).close()

    def test_no_file_unless_asked(self):
        with contextlib.closing(self.open()):
            self.assertEqual(os.listdir(self.folder), ["store-0"])


if __name__ == "__main__":
    unittest.main()
