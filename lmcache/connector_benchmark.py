# SPDX-License-Identifier: Apache-2.0
"""How fast payloads go through SlotwiseConnector, beside a RawBlockStore in C++.

    bazel run //lmcache:connector_benchmark -- --folder /path/on/the/disk

Each round sets batches of payloads in a new store, gets them, and does the same in
C++ to another. Both rates are the median of all rounds; so is the ratio of each.
"""

import argparse
import mmap
import os
import select
import statistics
import subprocess
import tempfile
import time

from slotwise_lmcache import SlotwiseConnector

MIB = 1 << 20
OPERATIONS = ("set", "get")


class Lane:
    """Keys and buffers of a batch under way."""

    def __init__(self, options):
        size = options.payload_bytes
        memory = memoryview(mmap.mmap(-1, size * options.keys))
        memory[:] = bytes(len(memory))  # No page is missing later.
        self.buffers = [memory[i * size : (i + 1) * size] for i in range(options.keys)]

    def name_keys(self, batch):
        self.keys = ["model@00000000@0@%d@%d" % (batch, i) for i in range(len(self.buffers))]


def run(connector, submit, lanes, options):
    """MB/s."""
    began = time.monotonic()
    batches = iter(range(options.batches))
    under_way = {}

    def submit_next(lane):
        batch = next(batches, None)
        if batch is not None:
            lane.name_keys(batch)
            under_way[submit(lane.keys, lane.buffers)] = lane

    for lane in lanes:
        submit_next(lane)
    while under_way:
        select.select([connector.event_fd()], [], [])
        for future_id, ok, error, results in connector.drain_completions():
            assert ok and all(results), error
            submit_next(under_way.pop(future_id))
    return options.payload_bytes * options.keys * options.batches / 1e6 / (time.monotonic() - began)


def measure_connector(path, options):
    connector = SlotwiseConnector(
        device_path=path,
        create=True,
        capacity_bytes=options.capacity_bytes,
        payload_bytes=options.payload_bytes,
        buffered=options.buffered,
    )
    lanes = [Lane(options) for _ in range(options.in_flight)]
    submits = (connector.submit_batch_set, connector.submit_batch_get)
    rates = [run(connector, submit, lanes, options) for submit in submits]
    connector.close()
    return rates


def measure_store(path, options):
    numbers = (
        options.capacity_bytes,
        options.payload_bytes,
        options.keys,
        options.batches,
        options.in_flight,
        int(options.buffered),
    )
    command = [options.store_throughput, path, *map(str, numbers)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(rate) for rate in output.split()]


def measure_round(folder, options):
    """The rates of the connector and of the store, one after the other on the same disk."""
    rates = []
    for measure in (measure_connector, measure_store):
        path = os.path.join(folder, "store")
        rates.append(measure(path, options))
        os.unlink(path)
    return rates


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store_throughput", required=True, help="the program in C++; bazel run gives it")
    parser.add_argument("--folder", help="where the stores are made; by default the system's for temporary files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--payload_bytes", type=int, default=MIB // 2)
    parser.add_argument("--keys", type=int, default=64, help="of a batch")
    parser.add_argument("--batches", type=int, default=32)
    parser.add_argument("--in_flight", type=int, default=2, help="batches")
    parser.add_argument("--buffered", action="store_true", help="through the page cache, where O_DIRECT cannot be had")
    options = parser.parse_args()
    payloads = options.payload_bytes * options.keys * options.batches
    options.capacity_bytes = payloads + payloads // 8 + 16 * MIB
    return options


def main():
    options = parse_arguments()
    rounds = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for _ in range(options.rounds):
            rounds.append(measure_round(folder, options))
    numbers = (options.keys * options.batches, options.payload_bytes, options.keys, options.in_flight, options.rounds)
    print("%d payloads of %d bytes in batches of %d, %d batches under way; median of %d rounds" % numbers)
    print("%-4s %16s %16s %6s" % ("", "connector MB/s", "C++ store MB/s", "ratio"))
    for i, operation in enumerate(OPERATIONS):
        connector = statistics.median(rates[0][i] for rates in rounds)
        store = statistics.median(rates[1][i] for rates in rounds)
        ratio = statistics.median(rates[0][i] / rates[1][i] for rates in rounds)
        print("%-4s %16.0f %16.0f %6.2f" % (operation, connector, store, ratio))


if __name__ == "__main__":
    main()
