# SPDX-License-Identifier: Apache-2.0
"""Tests of fio_comparison.py: what measurements mean, and when a target is missed."""

import unittest

from tools.bench import fio_comparison
from tools.bench.fio_comparison import Cell, Measurement

GIB = 2**30
CELL = Cell("read", 65536, 32, "file")


def pair(throughput_ratio, cpu_ratio):
    """One second of each, of which fio moves a GiB for half a second of CPU."""
    return (
        Measurement(throughput_ratio * GIB, 1, throughput_ratio * cpu_ratio * 0.5),
        Measurement(GIB, 1, 0.5),
    )


def cell(throughput_ratio=1, cpu_ratio=1):
    return fio_comparison.result_of_cell(CELL, [pair(throughput_ratio, cpu_ratio)])


class FioComparisonTest(unittest.TestCase):
    def test_reads_the_report_of_fio(self):
        job = {
            "error": 0,
            "usr_cpu": 5,
            "sys_cpu": 15,
            "job_runtime": 2000,
            "read": {"io_bytes": 3 * GIB, "runtime": 1500},
        }
        self.assertEqual(fio_comparison.measurement_of_fio({"jobs": [job]}, "read", 1.5), (3 * GIB, 1.5, 0.4))
        with self.assertRaisesRegex(ValueError, "error 5"):
            fio_comparison.measurement_of_fio({"jobs": [dict(job, error=5)]}, "read", 1.5)

    def test_reads_our_own_report_and_insists_on_registered_buffers(self):
        report = {"bytes": GIB, "seconds": 2, "cpu_seconds": 0.25, "buffers_registered": True}
        self.assertEqual(fio_comparison.measurement_of_ours(report, 1), (GIB, 2, 0.25))
        with self.assertRaisesRegex(ValueError, "RLIMIT_MEMLOCK"):
            fio_comparison.measurement_of_ours(dict(report, buffers_registered=False), 1)

    def test_a_run_that_ended_early_is_no_measurement(self):
        self.assertEqual(fio_comparison.checked(Measurement(GIB, 0.95, 0.5), 1).seconds, 0.95)
        with self.assertRaisesRegex(ValueError, "after 0.250 s instead of 1.000 s"):
            fio_comparison.checked(Measurement(GIB, 0.25, 0.5), 1)

    def test_a_cell_is_the_median_of_the_ratios_of_its_pairs(self):
        result = fio_comparison.result_of_cell(CELL, [pair(0.5, 3), pair(1.25, 1), pair(2, 0.5)])
        self.assertEqual((result["op"], result["block_bytes"], result["queue_depth"]), ("read", 65536, 32))
        self.assertEqual(result["target"], "file")
        for name, expected in [("throughput_ratio", (0.5, 1.25, 2)), ("cpu_per_gib_ratio", (0.5, 1, 3))]:
            self.assertEqual((result[name + "_min"], result[name], result[name + "_max"]), expected)
        self.assertEqual((result["mib_per_second"], result["fio_mib_per_second"]), (1280, 1024))

    def test_every_cell_must_reach_its_throughput(self):
        self.assertEqual(fio_comparison.result_of([cell(0.98), cell(1.5)])["missed"], [])
        missed = fio_comparison.result_of([cell(0.97), cell(1.5)])["missed"]
        self.assertEqual(len(missed), 1)
        self.assertIn("read 64 KiB depth 32 file: 0.970", missed[0])

    def test_the_median_of_the_cells_must_save_cpu(self):
        self.assertEqual(fio_comparison.result_of([cell(1, 0.9), cell(1, 1.0), cell(1, 2)])["missed"], [])
        missed = fio_comparison.result_of([cell(1, 0.9), cell(1, 1.1), cell(1, 2)])["missed"]
        self.assertEqual(len(missed), 1)
        self.assertIn("1.100", missed[0])

    def test_the_table_has_a_line_per_cell_and_the_verdict(self):
        lines = fio_comparison.table(fio_comparison.result_of([cell(1, 0.9), cell(0.5)])).splitlines()
        self.assertEqual(len(lines), 5)
        self.assertIn("0.900 (0.900..0.900)", lines[1])
        self.assertTrue(lines[-1].startswith("missed: throughput"))
        self.assertEqual(fio_comparison.table(fio_comparison.result_of([cell()])).splitlines()[-1], "all targets met")


if __name__ == "__main__":
    unittest.main()
