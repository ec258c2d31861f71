// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lmdb.h"
#include "tools/bench/peers/peers.h"
#include "tools/bench/peers/worker_pool.h"

namespace slotwise {
namespace {

struct AbortTransaction {
  void operator()(MDB_txn* transaction) const { mdb_txn_abort(transaction); }
};
using Transaction = std::unique_ptr<MDB_txn, AbortTransaction>;

absl::Status StatusOf(int code) {
  if (code == MDB_SUCCESS) return absl::OkStatus();
  const std::string message = absl::StrCat("LMDB: ", mdb_strerror(code));
  return code == MDB_NOTFOUND ? absl::NotFoundError(message) : absl::InternalError(message);
}

absl::StatusOr<Transaction> Begin(MDB_env* environment, unsigned flags) {
  MDB_txn* transaction = nullptr;
  if (absl::Status begun = StatusOf(mdb_txn_begin(environment, nullptr, flags, &transaction)); !begun.ok()) {
    return begun;
  }
  return Transaction(transaction);
}

absl::Status Commit(Transaction transaction) { return StatusOf(mdb_txn_commit(transaction.release())); }

// LMDB does not write to what it is given.
MDB_val KeyValue(const std::string& key) { return {.mv_size = key.size(), .mv_data = const_cast<char*>(key.data())}; }

absl::Status PutOne(MDB_txn* transaction, MDB_dbi database, const std::string& key, std::span<std::byte> payload) {
  MDB_val key_value = KeyValue(key);
  MDB_val payload_value{.mv_size = payload.size(), .mv_data = payload.data()};
  const int code = mdb_put(transaction, database, &key_value, &payload_value, MDB_NOOVERWRITE);
  return code == MDB_KEYEXIST ? absl::OkStatus() : StatusOf(code);
}

class LmdbPeer final : public Peer {
 public:
  static absl::StatusOr<std::unique_ptr<Peer>> Open(const PeerOptions& options);

  absl::Status Put(const Batch& batch) override;
  absl::Status Get(const Batch& batch) override;
  absl::Status Flush() override;
  absl::Status PrepareGets(ReadPath path) override;
  absl::Status Close() override;

 private:
  struct CloseEnvironment {
    void operator()(MDB_env* environment) const { mdb_env_close(environment); }
  };

  explicit LmdbPeer(const PeerOptions& options);

  absl::Status OpenEnvironment();
  absl::Status OpenDatabase();
  absl::Status GetOne(const std::string& key, std::span<std::byte> payload);

  const std::string folder_;
  const uint64_t map_bytes_;
  std::unique_ptr<MDB_env, CloseEnvironment> environment_;
  MDB_dbi database_ = 0;
  WorkerPool workers_;
};

absl::StatusOr<std::unique_ptr<Peer>> LmdbPeer::Open(const PeerOptions& options) {
  std::unique_ptr<LmdbPeer> peer(new LmdbPeer(options));
  if (absl::Status opened = peer->OpenEnvironment(); !opened.ok()) return opened;
  return peer;
}

// A payload takes one page more than its own, and the tree some; the rest is slack.
LmdbPeer::LmdbPeer(const PeerOptions& options)
    : folder_(options.folder),
      map_bytes_((uint64_t{64} << 20) + 2 * options.payloads * (options.payload_bytes + kPayloadAlignment)),
      workers_(options.workers) {}

absl::Status LmdbPeer::OpenEnvironment() {
  MDB_env* environment = nullptr;
  if (absl::Status created = StatusOf(mdb_env_create(&environment)); !created.ok()) return created;
  environment_.reset(environment);
  absl::Status opened = StatusOf(mdb_env_set_mapsize(environment, map_bytes_));
  opened.Update(StatusOf(mdb_env_open(environment, folder_.c_str(), MDB_NOSYNC | MDB_NOMEMINIT, 0600)));
  return opened.ok() ? OpenDatabase() : opened;
}

absl::Status LmdbPeer::OpenDatabase() {
  absl::StatusOr<Transaction> transaction = Begin(environment_.get(), 0);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status opened = StatusOf(mdb_dbi_open(transaction->get(), nullptr, 0, &database_)); !opened.ok()) {
    return opened;
  }
  return Commit(*std::move(transaction));
}

absl::Status LmdbPeer::Put(const Batch& batch) {
  absl::StatusOr<Transaction> transaction = Begin(environment_.get(), 0);
  if (!transaction.ok()) return transaction.status();
  for (size_t i = 0; i < batch.keys.size(); ++i) {
    absl::Status put = PutOne(transaction->get(), database_, batch.keys[i], batch.payload(i));
    if (!put.ok()) return put;
  }
  return Commit(*std::move(transaction));
}

absl::Status LmdbPeer::Get(const Batch& batch) {
  return workers_.Run(batch.keys.size(), [&](size_t i) { return GetOne(batch.keys[i], batch.payload(i)); });
}

absl::Status LmdbPeer::GetOne(const std::string& key, std::span<std::byte> payload) {
  const absl::StatusOr<Transaction> transaction = Begin(environment_.get(), MDB_RDONLY);
  if (!transaction.ok()) return transaction.status();
  MDB_val key_value = KeyValue(key);
  MDB_val value{};
  absl::Status found = StatusOf(mdb_get(transaction->get(), database_, &key_value, &value));
  if (!found.ok()) return found;
  if (value.mv_size != payload.size()) return absl::DataLossError(absl::StrCat("LMDB: a wrong length of ", key));
  std::memcpy(payload.data(), value.mv_data, value.mv_size);
  return absl::OkStatus();
}

absl::Status LmdbPeer::Flush() { return StatusOf(mdb_env_sync(environment_.get(), /*force=*/1)); }

// Pages that are mapped stay in the page cache.
absl::Status LmdbPeer::PrepareGets(ReadPath) {
  if (absl::Status flushed = Flush(); !flushed.ok()) return flushed;
  environment_.reset();
  return OpenEnvironment();
}

absl::Status LmdbPeer::Close() {
  environment_.reset();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> OpenLmdbPeer(const PeerOptions& options) { return LmdbPeer::Open(options); }

}  // namespace slotwise
