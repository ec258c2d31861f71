// SPDX-License-Identifier: Apache-2.0
#include "slotwise/store_metrics.h"

#include <cstddef>
#include <utility>

#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"
#include "slotwise/operation_stage.h"

namespace slotwise {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric Labelled(const ShardMetrics& shard) {
  ClientMetric metric;
  metric.label = {{.name = "store", .value = shard.store}, {.name = "device", .value = shard.path}};
  return metric;
}

MetricFamily Family(const char* name, const char* help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

// A number that every shard has.
struct Number {
  const char* name;
  const char* help;
  uint64_t (*of)(const ShardMetrics& shard);
};

// clang-format off
constexpr Number kCounters[] = {
    {"slotwise_gets_total", "Gets.", [](const ShardMetrics& s) { return s.statistics.gets; }},
    {"slotwise_hits_total", "Gets that returned a payload.", [](const ShardMetrics& s) { return s.statistics.hits; }},
    {"slotwise_misses_total", "Gets of a key that was not there.", [](const ShardMetrics& s) { return s.statistics.misses; }},
    {"slotwise_checksum_failures_total", "Gets whose payload was damaged; the entry was dropped.", [](const ShardMetrics& s) { return s.statistics.checksum_failures; }},
    {"slotwise_read_errors_total", "Gets that the device failed; the entry was dropped if the medium was at fault.", [](const ShardMetrics& s) { return s.statistics.read_errors; }},
    {"slotwise_puts_total", "Puts.", [](const ShardMetrics& s) { return s.statistics.puts; }},
    {"slotwise_stored_total", "Puts that stored a payload.", [](const ShardMetrics& s) { return s.statistics.stored; }},
    {"slotwise_already_stored_total", "Puts of a key that was there and was kept.", [](const ShardMetrics& s) { return s.statistics.already_stored; }},
    {"slotwise_refused_no_space_total", "Puts refused for want of space.", [](const ShardMetrics& s) { return s.statistics.refused_no_space; }},
    {"slotwise_refused_no_entry_total", "Puts refused because max_entries was reached.", [](const ShardMetrics& s) { return s.statistics.refused_no_entry; }},
    {"slotwise_write_errors_total", "Puts that the device failed.", [](const ShardMetrics& s) { return s.statistics.write_errors; }},
    {"slotwise_removes_total", "Entries removed by the caller.", [](const ShardMetrics& s) { return s.statistics.removes; }},
    {"slotwise_unpins_refused_total", "Pins given back that were not held.", [](const ShardMetrics& s) { return s.statistics.unpins_refused; }},
    {"slotwise_evictions_total", "Entries evicted.", [](const ShardMetrics& s) { return s.statistics.evictions; }},
    {"slotwise_evicted_bytes_total", "Space of the entries evicted.", [](const ShardMetrics& s) { return s.statistics.evicted_blocks * s.occupancy.block_bytes; }},
    {"slotwise_payload_bytes_read_total", "Payload returned by gets.", [](const ShardMetrics& s) { return s.statistics.payload_bytes_read; }},
    {"slotwise_payload_bytes_written_total", "Payload stored by puts.", [](const ShardMetrics& s) { return s.statistics.payload_bytes_written; }},
    {"slotwise_journal_groups_total", "Groups of records written to the journal.", [](const ShardMetrics& s) { return s.statistics.journal_groups; }},
    {"slotwise_journal_bytes_written_total", "Written to the journal.", [](const ShardMetrics& s) { return s.statistics.journal_bytes_written; }},
    {"slotwise_checkpoints_total", "Checkpoints written.", [](const ShardMetrics& s) { return s.statistics.checkpoints; }},
    {"slotwise_checkpoint_bytes_written_total", "Written to checkpoints.", [](const ShardMetrics& s) { return s.statistics.checkpoint_bytes_written; }},
    {"slotwise_flushes_total", "Flushes of the device.", [](const ShardMetrics& s) { return s.statistics.flushes; }},
    {"slotwise_device_bytes_written_total", "Written to the device, padding and metadata included.", [](const ShardMetrics& s) { return s.statistics.device_bytes_written; }},
    {"slotwise_refused_queue_full_total", "Operations refused because too many waited.", [](const ShardMetrics& s) { return s.refused_queue_full; }},
    {"slotwise_refused_stalled_total", "Operations refused because the device was stalled.", [](const ShardMetrics& s) { return s.refused_stalled; }},
};

constexpr Number kGauges[] = {
    {"slotwise_entries", "Payloads held.", [](const ShardMetrics& s) { return s.occupancy.entries; }},
    {"slotwise_entries_max", "The most payloads that the store can hold.", [](const ShardMetrics& s) { return s.occupancy.entries_max; }},
    {"slotwise_payload_bytes", "Payload held.", [](const ShardMetrics& s) { return s.occupancy.payload_bytes; }},
    {"slotwise_occupied_bytes", "Space that payloads occupy.", [](const ShardMetrics& s) { return s.occupancy.payload_blocks * s.occupancy.block_bytes; }},
    {"slotwise_awaiting_free_bytes", "Space of removed payloads that is not free yet.", [](const ShardMetrics& s) { return s.occupancy.awaiting_free_blocks * s.occupancy.block_bytes; }},
    {"slotwise_free_bytes", "Space that is free.", [](const ShardMetrics& s) { return s.occupancy.free_blocks * s.occupancy.block_bytes; }},
    {"slotwise_capacity_bytes", "Space for payloads, free or not.", [](const ShardMetrics& s) { return s.occupancy.capacity_blocks * s.occupancy.block_bytes; }},
    {"slotwise_operations_in_flight", "Operations accepted and not answered.", [](const ShardMetrics& s) { return s.operations; }},
    {"slotwise_stalled", "1 while the device completes nothing.", [](const ShardMetrics& s) { return uint64_t{s.stalled}; }},
    {"slotwise_read_only", "1 once writes have failed, and until the store is opened again.", [](const ShardMetrics& s) { return uint64_t{s.read_only}; }},
    {"slotwise_lost", "1 once the device has failed as a whole.", [](const ShardMetrics& s) { return uint64_t{s.lost}; }},
};
// clang-format on

MetricFamily CounterFamily(const Number& number, const StoreMetrics& metrics) {
  MetricFamily family = Family(number.name, number.help, MetricType::Counter);
  for (const ShardMetrics& shard : metrics.shards) {
    family.metric.push_back(Labelled(shard));
    family.metric.back().counter.value = static_cast<double>(number.of(shard));
  }
  return family;
}

MetricFamily VolatileFamily(const StoreMetrics& metrics) {
  MetricFamily family =
      Family("slotwise_oldest_volatile_seconds", "Since the oldest answer that a power cut would take back; 0 if none.",
             MetricType::Gauge);
  for (const ShardMetrics& shard : metrics.shards) {
    family.metric.push_back(Labelled(shard));
    family.metric.back().gauge.value = shard.oldest_volatile_seconds;
  }
  return family;
}

MetricFamily GaugeFamily(const Number& number, const StoreMetrics& metrics) {
  MetricFamily family = Family(number.name, number.help, MetricType::Gauge);
  for (const ShardMetrics& shard : metrics.shards) {
    family.metric.push_back(Labelled(shard));
    family.metric.back().gauge.value = static_cast<double>(number.of(shard));
  }
  return family;
}

ClientMetric::Histogram HistogramOf(const LatencyHistogram& latencies) {
  ClientMetric::Histogram histogram;
  histogram.sample_count = latencies.sample_count;
  histogram.sample_sum = latencies.sample_sum;
  for (const LatencyHistogram::Bucket& bucket : latencies.bucket) {
    histogram.bucket.push_back({.cumulative_count = bucket.cumulative_count, .upper_bound = bucket.upper_bound});
  }
  return histogram;
}

MetricFamily StageFamily(const StoreMetrics& metrics) {
  MetricFamily family =
      Family("slotwise_stage_seconds", "How long operations were in each stage.", MetricType::Histogram);
  for (const ShardMetrics& shard : metrics.shards) {
    for (size_t stage = 0; stage < kOperationStages; ++stage) {
      family.metric.push_back(Labelled(shard));
      family.metric.back().label.push_back({.name = "stage", .value = std::string(kOperationStageNames[stage])});
      family.metric.back().histogram = HistogramOf(shard.latencies[stage]);
    }
  }
  return family;
}

}  // namespace

std::string PrometheusText(const StoreMetrics& metrics) {
  std::vector<MetricFamily> families;
  for (const Number& counter : kCounters) families.push_back(CounterFamily(counter, metrics));
  for (const Number& gauge : kGauges) families.push_back(GaugeFamily(gauge, metrics));
  families.push_back(VolatileFamily(metrics));
  families.push_back(StageFamily(metrics));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace slotwise
