# SPDX-License-Identifier: Apache-2.0
"""Faults that tools/mutate_allocator plants in the allocators, each as one exact substitution."""

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
        ("buddy: remembers a free block that is gone",
         "orders_with_free_ &= ~SizeOf(block.order);", ";"),
        ("buddy: counts one freed block",
         "free_blocks_ += BlockCount(SizeOf(freed->order));", "free_blocks_ += BlockCount(1);"),
        ("buddy: keeps the wrong half of a split",
         "AddFree({order, (block.index >> (order - block.order)) ^ 1});",
         "AddFree({order, block.index >> (order - block.order)});"),
        ("buddy: marks what is not aligned", " || start % SizeOf(order) != 0", ""),
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
        ("bitmap: never summarises a first bit", "if (old != 0) return;", "if (old == 0) return;"),
        ("bitmap: a summary outlives its bits", "if (left != 0) return;", "return;"),
        ("bitmap: loses count", "--count_;", ";"),
        ("bitmap: finds unused bits", "return index < size_ ?", "return index <= size_ ?"),
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
        ("classes: round down", " + steps - 1) / steps", ") / steps"),
        ("classes: a rung does not serve its own size", "std::lower_bound(sizes_", "std::upper_bound(sizes_"),
        ("classes: the largest twice", "if (size < max &&", "if (size <= max &&"),
        ("classes: every second doubling", "base *= 2", "base *= 4"),
        ("classes: a rung keeps a taken size", "while (size > BlockCount(0) &&", "while (size > BlockCount(1) &&"),
    ]),
    *_mutations_of("allocator/slab.cc", [
        ("slab: the bump pointer falls back", "bump_ = std::max(bump_, index + 1);", "bump_ = index + 1;"),
        ("slab: the bump pointer stops early", "bump_ < slots() ?", "bump_ + 1 < slots() ?"),
        ("slab: a freed slot stays borrowed", "borrowed_.erase(index);", ";"),
    ]),
    *_mutations_of("allocator/slab_class.cc", [
        ("slab class: a full segment has room", "if (segment->slab.full()) with_room_.erase(segment->index);", ";"),
        ("slab class: a returned segment is the hottest",
         "by_age_.insert(by_age_.begin(), segment)", "by_age_.insert(by_age_.end(), segment)"),
        ("slab class: use does not warm a segment",
         "by_age_.splice(by_age_.end(), by_age_, segment->position);", ";"),
        ("slab class: an unbound segment has room", "with_room_.erase(segment->index);\n}\n\nvoid SlabClass::NoteTaken",
         "}\n\nvoid SlabClass::NoteTaken"),
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
        ("slab: a draining segment helps its own class", "if (segment.beneficiary) return false;", ";"),
        ("slab: what is not borrowed helps a borrower",
         "return borrowed && segment.owner == request->fallback;", "return segment.owner == request->fallback;"),
        ("slab: ignores the reservation when it helps", "return !ExceedsReservation(*request);", "return true;"),
        ("slab: Full pays for what Partial borrowed",
         "if (ExceedsReservation(request)) return donor == PayloadKind::kPartial;", ";"),
        ("slab: a nomination needs no refusal", "c.refused_since_review && ", ""),
        ("slab: a nomination is for ever", "CancelNomination(c.incoming);", ";"),
        ("slab: waits for a segment that came", "classes_[*segment->beneficiary].incoming = nullptr;\n    ++", "++"),
        ("slab: wants one segment more than its share", "static_cast<double>(usable + 1) <=",
         "static_cast<double>(usable) <="),
        ("slab: a retry counts as demand", "if (!asked.refused && ", "if ("),
        ("slab: never takes its draining segment back", "if (home.slabs.usable() == 0) {", "if (false) {"),
        ("slab: never takes a draining segment over", "if (donation == nullptr && IsStranded(request)) {",
         "if (false) {"),
        ("slab: the short segment is a whole one",
         "std::min(options_.segment, capacity_ - (start - BlockIndex()))", "options_.segment"),
        ("slab: borrows without a reservation", "if (ExceedsReservation(request)) return nullptr;", ";"),
        ("slab: the hottest of two donors", "coldest->last_allocation < best->last_allocation",
         "coldest->last_allocation > best->last_allocation"),
        ("slab: the smallest surplus donates", "surplus <= best_surplus", "surplus >= best_surplus"),
    ]),
    *_mutations_of("allocator/segment_shares.cc", [
        ("shares: Full never gets its last segment", "return next <= limit(kind);", "return next < limit(kind);"),
        ("shares: one block too few to borrow", "+ borrowed <= segment_ * segment_count_",
         "+ borrowed < segment_ * segment_count_"),
        ("shares: borrows without fallback", "return fallback_ && segment_", "return segment_"),
        ("shares: a returned slot stays lent", "borrowed_ -= slot;", ";"),
    ]),
    *_mutations_of("allocator/class_demand.cc", [
        ("demand: halves the sums, not the total", "totals_ = Recount();", ";"),
        ("demand: a window without a request for each class", " || requests_since_halving_ < sums_.size()", ""),
    ]),
    *_mutations_of("allocator/slab_options.cc", [
        ("options: a short segment of exactly the largest slot is lost", "last >= LargestSlot(options) ?",
         "last > LargestSlot(options) ?"),
        ("options: shares round down", " + kBasisPoints / 2) / kBasisPoints", ") / kBasisPoints"),
    ]),
]
