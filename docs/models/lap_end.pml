/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the first group of a session may start, at the end of a lap too. A group never wraps: one that does not fit
 * before the end of the ring starts the next lap. So the one group that a dead session may still have on its way lies at
 * the recovered end, or at the start of the lap after it. Every length and every end within two laps.
 */

#define RING 16     /* blocks */
#define LARGEST 4   /* blocks of the largest group */

#define LEFT(position) (RING - (position) % RING)
#define PLACE(position, blocks) ((blocks) <= LEFT(position) -> (position) : (position) + LEFT(position))

byte end, late, first, late_at, first_at;

init {
  select(end : 0 .. 2 * RING - 1);
  select(late : 1 .. LARGEST);
  select(first : 1 .. LARGEST);
  late_at = PLACE(end, late);
#ifdef SKIP_BYTES_ONLY
  first_at = PLACE(end + LARGEST, first);
#else
  /* As NextSessionPosition in rawblock/disk/session.cc. */
  first_at = PLACE((LEFT(end) >= 2 * LARGEST -> end + LARGEST : end + LEFT(end) + LARGEST), first);
#endif
  assert(first_at >= late_at + late);
  /* Nor does it wrap round to the late one from behind, nor lose more than two largest groups and the end of a lap. */
  assert(first_at + first - late_at <= RING);
  assert(first_at - end < 3 * LARGEST)
}
