// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "tools/bench/peers/peers.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {
namespace {

absl::Status StatusOf(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat("RocksDB: ", status.ToString());
  return status.IsNotFound() ? absl::NotFoundError(message) : absl::InternalError(message);
}

rocksdb::Options DatabaseOptions(ReadPath path) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.enable_blob_files = true;
  options.min_blob_size = kPayloadAlignment;
  options.compression = rocksdb::kNoCompression;
  options.blob_compression_type = rocksdb::kNoCompression;
  options.use_direct_reads = path == ReadPath::kDevice;
  options.use_direct_io_for_flush_and_compaction = true;
  // Some dozens of chunks to a flush, and room for puts while two are under way.
  options.write_buffer_size = 128 << 20;
  options.max_write_buffer_number = 4;
  options.max_background_jobs = 8;
  // Direct writes wait for each of these.
  options.writable_file_max_buffer_size = 4 << 20;
  return options;
}

rocksdb::Slice SliceOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class RocksdbPeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  explicit RocksdbPeer(const PeerOptions& options) : folder_(options.folder), workers_(options.workers) {}

  absl::Status OpenDatabase(ReadPath path);
  absl::Status PutOne(const std::string& key, std::span<const std::byte> payload);
  absl::Status GetOne(const std::string& key, std::span<std::byte> payload);

  const std::string folder_;
  std::unique_ptr<rocksdb::DB> database_;
  WorkerPool workers_;
};

absl::StatusOr<std::unique_ptr<Peer>> RocksdbPeer::Open(const PeerOptions& options) {
  std::unique_ptr<RocksdbPeer> peer(new RocksdbPeer(options));
  if (absl::Status opened = peer->OpenDatabase(ReadPath::kDevice); !opened.ok()) return opened;
  return peer;
}

absl::Status RocksdbPeer::OpenDatabase(ReadPath path) {
  rocksdb::DB* database = nullptr;
  absl::Status opened = StatusOf(rocksdb::DB::Open(DatabaseOptions(path), folder_, &database));
  database_.reset(database);
  return opened;
}

absl::Status RocksdbPeer::Put(const Batch& batch) {
  return workers_.Run(batch.keys.size(), [&](size_t i) { return PutOne(batch.keys[i], batch.payload(i)); });
}

absl::Status RocksdbPeer::PutOne(const std::string& key, std::span<const std::byte> payload) {
  return StatusOf(database_->Put(rocksdb::WriteOptions(), key, SliceOf(payload)));
}

absl::Status RocksdbPeer::Get(const Batch& batch) {
  return workers_.Run(batch.keys.size(), [&](size_t i) { return GetOne(batch.keys[i], batch.payload(i)); });
}

absl::Status RocksdbPeer::GetOne(const std::string& key, std::span<std::byte> payload) {
  rocksdb::PinnableSlice value;
  absl::Status found = StatusOf(database_->Get(rocksdb::ReadOptions(), database_->DefaultColumnFamily(), key, &value));
  if (!found.ok()) return found;
  if (value.size() != payload.size()) return absl::DataLossError(absl::StrCat("RocksDB: a wrong length of ", key));
  std::memcpy(payload.data(), value.data(), value.size());
  return absl::OkStatus();
}

absl::Status RocksdbPeer::Flush() { return StatusOf(database_->Flush(rocksdb::FlushOptions())); }

absl::Status RocksdbPeer::PrepareGets(ReadPath path) {
  if (absl::Status closed = Close(); !closed.ok()) return closed;
  return OpenDatabase(path);
}

absl::Status RocksdbPeer::Close() {
  absl::Status closed = StatusOf(database_->Close());
  database_.reset();
  return closed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> OpenRocksdbPeer(const PeerOptions& options) { return RocksdbPeer::Open(options); }

}  // namespace slotwise
