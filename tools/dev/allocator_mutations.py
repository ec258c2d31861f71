# SPDX-License-Identifier: Apache-2.0
"""Faults that tools/dev/mutate_allocator plants in the allocators, each as one exact substitution."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutation:
    name: str
    path: str
    original: str
    mutant: str

    def matches(self, source):
        """Whether the fault can be planted in exactly one place of `source`."""
        return source.count(self.original) == 1

    def apply(self, source):
        return source.replace(self.original, self.mutant)


def _mutations_of(path, faults):
    return [Mutation(name, path, original, mutant) for name, original, mutant in faults]


MUTATIONS = [
    *_mutations_of("allocator/buddy_allocator.cc", [
        ("buddy: the last coalesce is lost",
         "while (block.order < order_max_ &&", "while (block.order + 1 < order_max_ &&"),
        ("buddy: merges itself, not its buddy",
         "RemoveFree({block.order, block.index ^ 1});", "RemoveFree({block.order, block.index});"),
        ("buddy: a power of two gets twice its size",
         "std::bit_width(count.value() - 1)", "std::bit_width(count.value())"),
        ("buddy: overlooks the exact order",
         "orders_with_free_ >> order == 0", "orders_with_free_ >> (order + 1) == 0"),
        ("buddy: forgets that an order has a free block",
         "if (OrderOf(block.order).free.count() == 0)", "if (OrderOf(block.order).free.count() <= 1)"),
        ("buddy: remembers a free block that is gone", "orders_with_free_ &= ~SizeOf(block.order);", ";"),
        ("buddy: counts one freed block",
         "free_blocks_ += BlockCount(SizeOf(freed->order));", "free_blocks_ += BlockCount(1);"),
        ("buddy: keeps the wrong half of a split",
         "AddFree({order, (block.index >> (order - block.order)) ^ 1});",
         "AddFree({order, block.index >> (order - block.order)});"),
        ("buddy: never splits the largest block for a mark",
         "for (int from = block->order; from <= order_max_; ++from)",
         "for (int from = block->order; from < order_max_; ++from)"),
        ("buddy: helps where no block of the order is",
         " && Exists({order, victim.front().start().value() >> order})", ""),
        ("buddy: frees what is not live",
         "CHECK(freed && OrderOf(freed->order).live.Test(freed->index))", "CHECK(freed.has_value())"),
        ("buddy: wastes a block that ends with the space",
         "start + SizeOf(order) <= capacity.value()", "start + SizeOf(order) < capacity.value()"),
    ]),
    *_mutations_of("allocator/hierarchical_bitmap.cc", [
        ("bitmap: skips a word", "from = word + 1;", "from = word + 2;"),
        ("bitmap: searches below the start",
         "Load(level, word) & (~uint64_t{0} << (from % kWordBits))", "Load(level, word)"),
    ]),
    *_mutations_of("allocator/hierarchical_bitmap.h", [
        ("bitmap: never summarises a first bit",
         "level < levels_; ++level, index /= kWordBits) {\n    uint64_t& word = WordOf(level, index);\n    word = (",
         "level < 1; ++level, index /= kWordBits) {\n    uint64_t& word = WordOf(level, index);\n    word = ("),
        ("bitmap: a summary outlives its bits",
         "emptied &= static_cast<uint64_t>(word == complement_);", "emptied = 0;"),
        ("bitmap: loses count", "--count_;", ";"),
    ]),
    *_mutations_of("allocator/fixed_slot_allocator.cc", [
        ("fixed: a slot for more than it holds", "if (count > grid_.slot)", "if (count > capacity_)"),
        ("fixed: marks what is taken", "if (!slot || !free_.Test(*slot)) return false;", "if (!slot) return false;"),
        ("fixed: counts free slots as used", "(free_.size() - free_.count())", "free_.count()"),
        ("fixed: helps what fits no slot", "return count <= grid_.slot;", "return true;"),
    ]),
    *_mutations_of("allocator/slot_grid.h", [
        ("grid: one slot too many", "index >= slots", "index > slots"),
        ("grid: slots anywhere", "slot * index != offset || ", ""),
    ]),
    *_mutations_of("allocator/size_classes.cc", [
        ("classes: round down", " + kSteps - 1) / kSteps", ") / kSteps"),
        ("classes: the largest twice", "if (size < max &&", "if (size <= max &&"),
        ("classes: every second doubling", "base *= 2", "base *= 4"),
        ("classes: a rung keeps a taken size", "while (size > BlockCount(0) &&", "while (size > BlockCount(1) &&"),
    ]),
    *_mutations_of("allocator/size_classes.h", [
        ("classes: a rung does not serve its own size", "sizes_[index] < count", "sizes_[index] <= count"),
    ]),
    *_mutations_of("allocator/slab.h", [
        ("slab: the bump pointer falls back",
         "bump_ = std::max(bump_, static_cast<uint32_t>(index + 1));", "bump_ = static_cast<uint32_t>(index + 1);"),
        ("slab: the bump pointer stops early", "bump_ < slots() ?", "bump_ + 1 < slots() ?"),
        ("slab: a freed slot stays borrowed", "if (borrowed_ != nullptr) borrowed_->erase(index);", ";"),
    ]),
    *_mutations_of("allocator/slab_class.h", [
        ("slab class: a full segment has room", "if (segment->slab.full()) with_room_.Clear(segment->index);", ";"),
        ("slab class: use does not warm a segment", "    Unlink(*segment);\n    LinkHottest(segment);\n", ""),
    ]),
    *_mutations_of("allocator/slab_class.cc", [
        ("slab class: a returned segment is the hottest",
         "segment->colder = SlabSegment::kNoSegment;\n  segment->hotter = coldest_;\n  Link(segment);",
         "LinkHottest(segment);"),
        ("slab class: an unbound segment has room",
         "if (with_room_.Test(segment->index)) with_room_.Clear(segment->index);", ";"),
    ]),
    *_mutations_of("allocator/slab_allocator.cc", [
        ("slab: binds beyond its share", "if (!shares_.MayOwnMore(KindOf(to))) return nullptr;", ";"),
        ("slab: a returned slot counts as borrowed",
         "if (segment->slab.IsBorrowed(live->index)) shares_.Return(slot);", ";"),
        ("slab: keeps an empty segment", "if (segment->slab.empty()) {", "if (false) {"),
        ("slab: leaks freed blocks", "used_blocks_ -= slot;", ";"),
        ("slab: marks in a segment of another class",
         "if (segment != nullptr && segment->owner != *owner) return false;", ";"),
        ("slab: marks show no demand", "demand_.Add(*owner, slot);", ";"),
        ("slab: a draining segment helps its own class", "if (segment.drains()) return false;", ";"),
        ("slab: what is not borrowed helps a borrower",
         "return borrowed && segment.owner == request->fallback;", "return segment.owner == request->fallback;"),
        ("slab: ignores the reservation when it helps", "return !ExceedsReservation(*request);", "return true;"),
        ("slab: Full pays for what Partial borrowed",
         "if (ExceedsReservation(request)) return donor == PayloadKind::kPartial;", ";"),
        ("slab: a nomination needs no refusal", "c.refused_since_review && ", ""),
        ("slab: a nomination is for ever", "CancelNomination(c.incoming);", ";"),
        ("slab: waits for a segment that came", "classes_[segment->beneficiary].incoming = nullptr;\n    ++", "++"),
        ("slab: wants one segment more than its share",
         "static_cast<double>(usable + 1) <=", "static_cast<double>(usable) <="),
        ("slab: a retry counts as demand", "if (!asked.refused && ", "if ("),
        ("slab: never takes its draining segment back", "if (home.slabs.usable() == 0) {", "if (false) {"),
        ("slab: never takes a draining segment over",
         "if (donation == nullptr && IsStranded(request)) {", "if (false) {"),
        ("slab: the short segment is a whole one",
         "std::min(options_.segment, capacity_ - (start - BlockIndex()))", "options_.segment"),
        ("slab: borrows without a reservation", "if (ExceedsReservation(request)) return nullptr;", ";"),
        ("slab: the hottest of two donors",
         "coldest->last_allocation < best->last_allocation", "coldest->last_allocation > best->last_allocation"),
        ("slab: the smallest surplus donates", "surplus <= best_surplus", "surplus >= best_surplus"),
    ]),
    *_mutations_of("allocator/segment_shares.cc", [
        ("shares: Full never gets its last segment", "return next <= limit(kind);", "return next < limit(kind);"),
        ("shares: one block too few to borrow",
         "+ borrowed <= segment_ * segment_count_", "+ borrowed < segment_ * segment_count_"),
        ("shares: borrows without fallback", "return fallback_ && segment_", "return segment_"),
        ("shares: a returned slot stays lent", "borrowed_ -= slot;", ";"),
    ]),
    *_mutations_of("allocator/class_demand.cc", [
        ("demand: halves the sums, not the total", "totals_ = Recount();", ";"),
    ]),
    *_mutations_of("allocator/class_demand.h", [
        ("demand: a window without a request for each class", " || requests_since_halving_ < sums_.size()", ""),
    ]),
    *_mutations_of("allocator/slab_options.cc", [
        ("options: a short segment of exactly the largest slot is lost",
         "last >= LargestSlot(options) ?", "last > LargestSlot(options) ?"),
        ("options: shares round down", " + kBasisPoints / 2) / kBasisPoints", ") / kBasisPoints"),
    ]),
    *_mutations_of("allocator/extent_allocator.cc", [
        ("extent: a run loses its left neighbour's merge",
         "const RunId left = boundary.left_run();", "const RunId left = kNoRun;"),
        ("extent: never merges to the right", "after.is_free() ? after.run() : kNoRun", "kNoRun"),
        ("extent: an exact fit leaves a left run behind", "BoundaryAt(end).SetLeftRun(kNoRun);", ";"),
        ("extent: a run taken whole is leaked", "    runs_.Remove(run);\n  } else {", "  } else {"),
        ("extent: a run merged from both sides is leaked", "  runs_.Remove(right);\n", ""),
        ("extent: a new run is unknown to its right", "after.SetLeftRun(run);", ";"),
        ("extent: a failed scatter keeps its pieces counted", "        free_blocks_ += piece.count();\n", ""),
        ("extent: one piece more than allowed",
         "pieces.size() + 1 == options_.extents_max", "pieces.size() == options_.extents_max"),
        ("extent: pieces of any size", "!is_last && count >= options_.piece_min", "!is_last"),
        ("extent: never gives up what is parked", "if (run == kNoRun && !magazine_.empty()) {", "if (false) {"),
        ("extent: frees what is parked", "!boundary.is_parked() &&", ""),
        ("extent: parked blocks are not free",
         "boundary.SetParked(true);", "boundary.SetParked(true);\n    free_blocks_ -= extent.count();"),
        ("extent: the window moves at every refusal",
         "if (window_.count() >= count && freed_blocks_ < given_up_at_) return;", ";"),
        ("extent: the window crosses the end",
         "std::min(start, BlockIndex() + (capacity_ - count))", "start"),
        ("extent: any victim helps until all is free",
         "count + BlockCount(capacity_.value() / kCapacityPerSlack / options_.extents_max)", "count + count + count"),
        ("extent: the window is narrower than the request",
         "(capacity_ - count)), count);", "(capacity_ - count)), BlockCount(1));"),
        ("extent: nothing freed in vain lays a window", "freed_blocks_ - freed_at_refusal_ >= count.value() * kFreedInVain / options_.extents_max", "false"),
        ("extent: a window outlives its request", "} else if (IsLikeRefused(count)) {", "} else if (false) {"),
        ("extent: a window holds small requests up", "|| !IsLikeRefused(count)) return true;", ") return true;"),
        ("extent: the window stays for good", "freed_blocks_ < given_up_at_", "true"),
        ("extent: only what starts in the window helps",
         "window_.start() < extent.end()", "window_.start() <= extent.start()"),
        ("extent: a refused mark stays claimed", "marks_->Clear(*claimed);", ";"),
        ("extent: marks more than it allocates", "return placement.blocks() <= largest_allocation();", "return true;"),
        ("extent: the last piece of a mark must be large",
         "is_last ? BlockCount(1) : options_.piece_min", "options_.piece_min"),
        ("extent: forgets the free end after marks", "boundaries_.end().SetLeftRun(left);", ";"),
        ("extent: forgets a free run after marks", "boundaries_.Find(start).SetLeftRun(left);", ";"),
        ("extent: marked neighbours become one",
         "used.Test(BlockIndex(next.value() - 1)) ? next : used.NextClear(start)", "used.NextClear(start)"),
    ]),
    *_mutations_of("allocator/boundary_map.h", [
        ("boundaries: a hole is not filled", "if (was_full) PullBack(district, boundary);", ""),
        ("boundaries: a large count outlives its extent",
         """  void Erase(BlockIndex position, Boundary boundary) {
    if (boundary.count() == kLarge) EraseLargeCount(position);
""", "  void Erase(BlockIndex position, Boundary boundary) {\n"),
        ("boundaries: a search ends at the first bucket", "if (!bucket->full()) return {};", "return {};"),
        ("boundaries: a bucket of seven", "std::countr_zero(equal)) / 8;", "std::countr_zero(equal)) / 8 % 7;"),
        ("boundaries: a free run forgets a large count",
         "if (boundary.count() == kLarge) EraseLargeCount(position);\n    boundary.Set(kFree, run);",
         "boundary.Set(kFree, run);"),
        ("boundaries: parking forgets the left run", "= left_run() | (parked ? kParked : 0);",
         "= kNoRun | (parked ? kParked : 0);"),
    ]),
    *_mutations_of("allocator/boundary_map.cc", [
        ("boundaries: fills what did not pass",
         "bucket) >= Distance(district, passed, bucket)", "bucket) + 1 >= Distance(district, passed, bucket)"),
        ("boundaries: leaves what passed by one",
         "bucket) >= Distance(district, passed, bucket)", "bucket) > Distance(district, passed, bucket)"),
        ("boundaries: fills one hole only", "    hole = Boundary(next, slot);\n", "    may_go_on = false;\n"),
        ("boundaries: what is moved stays too", "    next->keys[slot] = BoundaryBucket::kVacant;\n", ""),
        ("boundaries: a rebuilt table forgets its runs",
         "Set(bucket->counts[slot], bucket->runs[slot]);\n    }", "Set(bucket->counts[slot], kNoRun);\n    }"),
    ]),
    *_mutations_of("allocator/free_runs.h", [
        ("runs: an empty bin keeps its mask", "SetMask(bin, run(static_cast<RunId>(bin)).next != bin);", ";"),
        ("runs: an empty word keeps its mask", "uint32_t{word != 0} << (bin / kWordBits)",
         "uint32_t{1} << (bin / kWordBits)"),
        ("runs: skips a word of bins", "words_ & (~uint32_t{1} << word)", "words_ & (~uint32_t{3} << word)"),
        ("runs: the list forgets what comes before", "    run(gone.next).previous = gone.previous;\n", ""),
        ("runs: the list forgets what comes after", "    run(gone.previous).next = gone.next;\n", ""),
        ("runs: a grown run stays in its bin", "if (from == to) return;", "if (from <= to) return;"),
        ("runs: takes a run that is too small",
         "< count.value();\n    const size_t fitting", "+ 1 < count.value();\n    const size_t fitting"),
        ("runs: an unused run is leaked", "    run(id).next = unused_;\n    unused_ = id;\n", ""),
        ("runs: takes a larger run where one fits",
         "NextBin(bin + size_t{first_is_small})", "NextBin(bin + 1)"),
    ]),
    *_mutations_of("allocator/magazine.h", [
        ("magazine: holds one run too many", "size_ < kRunsMax;", "size_ <= kRunsMax;"),
        ("magazine: keeps runs of any size", "return count == common_ && votes_", "return votes_"),
        ("magazine: gives a run of any size", "return size_ > 0 && count == common_;", "return size_ > 0;"),
    ]),
    *_mutations_of("allocator/block_bitmap.cc", [
        ("block bitmap: one bit too few", "kWordBits - bits)) << bit", "kWordBits - bits)) << bit >> 1 << 1"),
        ("block bitmap: searches below the start",
         "uint64_t mask = ~uint64_t{0} << (from.value() % kWordBits);", "uint64_t mask = ~uint64_t{0};"),
    ]),
]
