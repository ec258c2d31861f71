// SPDX-License-Identifier: Apache-2.0
#include "rawblock/testing/eviction_model.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "glog/logging.h"

namespace slotwise {
namespace {

struct Object {
  uint64_t key = 0;
  uint64_t size = 0;
  uint64_t frequency = 0;
  double worth = 0;
  uint64_t since = 0;
};

// From the oldest to the newest.
using Queue = std::vector<Object>;

Queue::iterator Find(Queue* queue, uint64_t key) {
  return std::find_if(queue->begin(), queue->end(), [key](const Object& object) { return object.key == key; });
}

bool Holds(Queue* queue, uint64_t key) { return Find(queue, key) != queue->end(); }

Object Take(Queue* queue, uint64_t key) {
  const auto it = Find(queue, key);
  CHECK(it != queue->end());
  const Object taken = *it;
  queue->erase(it);
  return taken;
}

Object TakeOldest(Queue* queue) { return Take(queue, queue->front().key); }

uint64_t SizeOf(const Queue& queue) {
  uint64_t size = 0;
  for (const Object& object : queue) size += object.size;
  return size;
}

class FifoModel : public EvictionModel {
 public:
  void Track(uint64_t key, uint64_t size) override { queue_.push_back({.key = key, .size = size}); }
  void Touch(uint64_t key) override { CHECK(Holds(&queue_, key)); }
  void Untrack(uint64_t key) override { Take(&queue_, key); }
  uint64_t Evict() override { return TakeOldest(&queue_).key; }

 protected:
  Queue queue_;
};

class LruModel : public FifoModel {
 public:
  void Touch(uint64_t key) override { queue_.push_back(Take(&queue_, key)); }
};

class SieveModel : public FifoModel {
 public:
  void Touch(uint64_t key) override { Find(&queue_, key)->frequency = 1; }

  void Untrack(uint64_t key) override {
    const auto index = static_cast<size_t>(Find(&queue_, key) - queue_.begin());
    Take(&queue_, key);
    if (index < hand_) --hand_;
    WrapHand();
  }

  uint64_t Evict() override {
    while (queue_[hand_].frequency == 1) {
      queue_[hand_].frequency = 0;
      ++hand_;
      WrapHand();
    }
    const uint64_t key = queue_[hand_].key;
    Untrack(key);
    return key;
  }

 private:
  void WrapHand() {
    if (hand_ >= queue_.size()) hand_ = 0;
  }

  size_t hand_ = 0;
};

class S3FifoModel : public EvictionModel {
 public:
  explicit S3FifoModel(uint64_t capacity) : small_max_(capacity / 10), capacity_(capacity) {}

  void Arrive(uint64_t key, uint64_t /*size*/) override {
    remembered_ = Holds(&ghosts_, key);
    if (remembered_) Take(&ghosts_, key);
  }

  void Track(uint64_t key, uint64_t size) override {
    (remembered_ ? main_ : small_).push_back({.key = key, .size = size});
    remembered_ = false;
  }

  void Touch(uint64_t key) override { ++Find(Holds(&small_, key) ? &small_ : &main_, key)->frequency; }
  void Untrack(uint64_t key) override { Take(Holds(&small_, key) ? &small_ : &main_, key); }

  uint64_t Evict() override {
    if (SizeOf(main_) <= capacity_ - small_max_) {
      while (!small_.empty()) {
        Object object = TakeOldest(&small_);
        if (object.frequency < 2) return Leave(object);
        object.frequency = 0;
        main_.push_back(object);
      }
    }
    while (true) {
      if (main_.empty()) return Leave(TakeOldest(&small_));
      Object object = TakeOldest(&main_);
      if (object.frequency == 0) return object.key;
      object.frequency = std::min<uint64_t>(object.frequency, 3) - 1;
      main_.push_back(object);
    }
  }

 private:
  uint64_t Leave(const Object& object) {
    const uint64_t ghosts_max = capacity_ * 9 / 10;
    if (object.size <= ghosts_max) {
      while (SizeOf(ghosts_) + object.size > ghosts_max) TakeOldest(&ghosts_);
      ghosts_.push_back(object);
    }
    return object.key;
  }

  const uint64_t small_max_;
  const uint64_t capacity_;
  bool remembered_ = false;
  Queue small_;
  Queue main_;
  Queue ghosts_;
};

class LfuModel : public EvictionModel {
 public:
  void Track(uint64_t key, uint64_t size) override { Use({.key = key, .size = size}); }
  void Touch(uint64_t key) override { Use(Take(&objects_, key)); }
  void Untrack(uint64_t key) override { Take(&objects_, key); }

  uint64_t Evict() override {
    const Object coldest = *std::min_element(objects_.begin(), objects_.end(), [](const Object& a, const Object& b) {
      return a.worth < b.worth || (a.worth == b.worth && a.since < b.since);
    });
    worth_evicted_ = coldest.worth;
    return Take(&objects_, coldest.key).key;
  }

 protected:
  virtual double Worth(const Object& object) const { return static_cast<double>(object.frequency); }

  double worth_evicted_ = 0;

 private:
  void Use(Object object) {
    ++object.frequency;
    object.worth = Worth(object);
    object.since = ++uses_;
    objects_.push_back(object);
  }

  uint64_t uses_ = 0;
  Queue objects_;
};

class GdsfModel : public LfuModel {
 protected:
  double Worth(const Object& object) const override {
    return worth_evicted_ + static_cast<double>(object.frequency) * 1e6 / static_cast<double>(object.size);
  }
};

// The letters are the paper's.
class ArcModel : public EvictionModel {
 public:
  explicit ArcModel(uint64_t capacity) : c_(capacity) {}

  void Arrive(uint64_t key, uint64_t size) override {
    const auto b1 = static_cast<double>(SizeOf(b1_));
    const auto b2 = static_cast<double>(SizeOf(b2_));
    arriving_ = size;
    in_b1_ = Holds(&b1_, key);
    in_b2_ = Holds(&b2_, key);
    if (in_b1_) {
      p_ = std::min(static_cast<double>(c_), p_ + std::max(b2 / b1, 1.0));
      Take(&b1_, key);
    }
    if (in_b2_) {
      p_ = std::max(0.0, p_ - std::max(b1 / b2, 1.0));
      Take(&b2_, key);
    }
  }

  void Track(uint64_t key, uint64_t size) override {
    (in_b1_ || in_b2_ ? t2_ : t1_).push_back({.key = key, .size = size});
    in_b1_ = in_b2_ = false;
    arriving_ = 0;
  }

  void Touch(uint64_t key) override { t2_.push_back(Take(Holds(&t1_, key) ? &t1_ : &t2_, key)); }
  void Untrack(uint64_t key) override { Take(Holds(&t1_, key) ? &t1_ : &t2_, key); }

  uint64_t Evict() override {
    if (in_b1_ || in_b2_) return Replace();
    if (SizeOf(t1_) + SizeOf(b1_) + arriving_ > c_) {
      if (b1_.empty()) return TakeOldest(&t1_).key;
      TakeOldest(&b1_);
    } else if (SizeOf(t1_) + SizeOf(t2_) + SizeOf(b1_) + SizeOf(b2_) >= 2 * c_ && !b2_.empty()) {
      TakeOldest(&b2_);
    }
    return Replace();
  }

 private:
  uint64_t Replace() {
    const auto t1 = static_cast<double>(SizeOf(t1_));
    const bool once = t2_.empty() || (!t1_.empty() && (t1 > p_ || (t1 == p_ && in_b2_)));
    Queue* ghosts = once ? &b1_ : &b2_;
    ghosts->push_back(TakeOldest(once ? &t1_ : &t2_));
    return ghosts->back().key;
  }

  const uint64_t c_;
  double p_ = 0;
  uint64_t arriving_ = 0;
  bool in_b1_ = false;
  bool in_b2_ = false;
  Queue t1_;
  Queue t2_;
  Queue b1_;
  Queue b2_;
};

}  // namespace

std::unique_ptr<EvictionModel> MakeEvictionModel(EvictionPolicyKind kind, uint64_t capacity) {
  // A policy without a model does not compile: write one here, as the policy's definition reads.
  switch (kind) {
    case EvictionPolicyKind::kNone:
      return nullptr;
    case EvictionPolicyKind::kLru:
      return std::make_unique<LruModel>();
    case EvictionPolicyKind::kFifo:
      return std::make_unique<FifoModel>();
    case EvictionPolicyKind::kSieve:
      return std::make_unique<SieveModel>();
    case EvictionPolicyKind::kS3Fifo:
      return std::make_unique<S3FifoModel>(capacity);
    case EvictionPolicyKind::kGdsf:
      return std::make_unique<GdsfModel>();
    case EvictionPolicyKind::kLfu:
      return std::make_unique<LfuModel>();
    case EvictionPolicyKind::kArc:
      return std::make_unique<ArcModel>(capacity);
  }
  return nullptr;
}

}  // namespace slotwise
