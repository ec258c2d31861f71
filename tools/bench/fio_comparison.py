# SPDX-License-Identifier: Apache-2.0
"""What tools/bench/compare_fio concludes from its measurements: ratios of ours to fio's, their medians, and a verdict."""

import collections
import statistics

THROUGHPUT_RATIO_MIN = 0.98  # of every cell
CPU_PER_GIB_RATIO_MAX = 1.0  # the median over the cells

Cell = collections.namedtuple("Cell", "op block_bytes queue_depth target")
Measurement = collections.namedtuple("Measurement", "bytes seconds cpu_seconds")


def throughput(measurement):
    return measurement.bytes / measurement.seconds


def cpu_per_gib(measurement):
    return measurement.cpu_seconds / (measurement.bytes / 2**30)


def measurement_of_fio(report, op, seconds):
    """From fio's JSON: of its job's process, without set-up."""
    job = report["jobs"][0]
    if job["error"]:
        raise ValueError("fio reports error %d" % job["error"])
    cpu_seconds = (job["usr_cpu"] + job["sys_cpu"]) / 100 * job["job_runtime"] / 1000
    return checked(Measurement(job[op]["io_bytes"], job[op]["runtime"] / 1000, cpu_seconds), seconds)


def measurement_of_ours(report, seconds):
    """From measure_device's JSON."""
    if not report["buffers_registered"]:
        raise ValueError("its buffers could not be registered; raise RLIMIT_MEMLOCK (`ulimit -l`)")
    return checked(Measurement(report["bytes"], report["seconds"], report["cpu_seconds"]), seconds)


def checked(measurement, seconds):
    """The measurement, if it took as long as it was told to. Longer is what a busy machine does."""
    if measurement.seconds < 0.9 * seconds:
        raise ValueError("a run ended after %.3f s instead of %.3f s" % (measurement.seconds, seconds))
    return measurement


def result_of_cell(cell, pairs):
    """The medians over pairs of (ours, fio), measured one after the other, with the least and the largest of them."""
    result = cell._asdict()
    for name, of in [("throughput_ratio", throughput), ("cpu_per_gib_ratio", cpu_per_gib)]:
        ratios = [of(ours) / max(of(fio), 1e-9) for ours, fio in pairs]
        result[name] = statistics.median(ratios)
        result[name + "_min"] = min(ratios)
        result[name + "_max"] = max(ratios)
    result["mib_per_second"] = statistics.median(throughput(ours) for ours, _ in pairs) / 2**20
    result["fio_mib_per_second"] = statistics.median(throughput(fio) for _, fio in pairs) / 2**20
    return result


def result_of(cells):
    """All there is to say, for --json."""
    ratio = statistics.median(cell["cpu_per_gib_ratio"] for cell in cells)
    missed = [
        "throughput of %s: %.3f of fio's, and not %.2f" % (name_of(cell), cell["throughput_ratio"], THROUGHPUT_RATIO_MIN)
        for cell in cells
        if cell["throughput_ratio"] < THROUGHPUT_RATIO_MIN
    ]
    if ratio > CPU_PER_GIB_RATIO_MAX:
        missed.append("CPU per GiB, median over the cells: %.3f of fio's, and not %.1f" % (ratio, CPU_PER_GIB_RATIO_MAX))
    return {"cells": cells, "cpu_per_gib_ratio_median": ratio, "missed": missed}


def name_of(cell):
    return "%s %d KiB depth %d %s" % (cell["op"], cell["block_bytes"] // 1024, cell["queue_depth"], cell["target"])


def spread(cell, name):
    return "%.3f (%.3f..%.3f)" % (cell[name], cell[name + "_min"], cell[name + "_max"])


def table(result):
    """The same for people."""
    rows = [("target", "op", "KiB", "depth", "MiB/s", "fio", "throughput ratio", "CPU per GiB ratio")]
    for cell in result["cells"]:
        rows.append((
            cell["target"],
            cell["op"],
            "%d" % (cell["block_bytes"] // 1024),
            "%d" % cell["queue_depth"],
            "%.0f" % cell["mib_per_second"],
            "%.0f" % cell["fio_mib_per_second"],
            spread(cell, "throughput_ratio"),
            spread(cell, "cpu_per_gib_ratio"),
        ))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(text.rjust(width) for text, width in zip(row, widths)) for row in rows]
    lines.append("CPU per GiB, median over the cells: %.3f of fio's" % result["cpu_per_gib_ratio_median"])
    lines += ["missed: " + missed for missed in result["missed"]] or ["all targets met"]
    return "\n".join(lines)
