/* SPDX-License-Identifier: Apache-2.0
 *
 * Journal, checkpoints, reuse of blocks, sessions, late writes and power cuts. README.md beside this file says what is
 * modelled, within which bounds, and which macros plant a defect.
 *
 * One process takes one atomic step at a time: a step of the living session, a late write that lands, or a crash and
 * what follows it. Nothing the device does has a process of its own: a write is begun in one step and ends in another.
 */

/* --- Bounds ------------------------------------------------------------------------------------ */

#ifndef RING
#define RING 4        /* slots of the ring; a group takes one, which is also the largest group */
#endif
#ifndef BLOCKS
#define BLOCKS 2
#endif
#ifndef PUTS
#define PUTS 3
#endif
#ifndef CRASHES
#define CRASHES 2     /* the last is followed by a recovery only */
#endif
#ifndef CHECKPOINTS
#define CHECKPOINTS 1 /* beside the one of the format */
#endif
#ifndef GROUPS
#define GROUPS 7
#endif

/* --- The design, and what a canary leaves out -------------------------------------------------- */

#ifdef NO_SKIP
#define SKIP 0
#else
#define SKIP 1
#endif
#ifndef HEADERS
#define HEADERS 2     /* copies of a checkpoint's header */
#endif
#ifndef SESSION_BLOCKS
#define SESSION_BLOCKS 2
#endif

/* --- What is on the device --------------------------------------------------------------------- */

/* A place holds the identity of what was written there: a put's payload, a group, a checkpoint, a session. */
#define TORN 15

#define SLOT(position) ((position) % RING)
#define BLOCK(b) (RING + (b))
#define CHUNK(slot) (RING + BLOCKS + (slot))
#define HEADER(slot, copy) (RING + BLOCKS + 2 + 2 * (slot) + (copy))
#define SESSION(copy) (RING + BLOCKS + 6 + (copy))
#define PLACES (RING + BLOCKS + 8)
#define METADATA(place) ((place) < RING || (place) >= RING + BLOCKS)

byte seen[PLACES];    /* what a read returns: writes that have ended, flushed or not */
byte kept[PLACES];    /* what a power cut cannot take */

/* What the identities mean. Written once, when the write is begun. */
byte put_key[PUTS + 1];
byte put_block[PUTS + 1];
byte group_session[GROUPS + 1];
byte group_before[GROUPS + 1];    /* its predecessor's checksum */
byte group_position[GROUPS + 1];
byte group_first[GROUPS + 1];     /* two records: a put p is p, its removal REMOVE(p); kOpen has none */
byte group_second[GROUPS + 1];
byte checkpoint_sequence[CHECKPOINTS + 2];
byte checkpoint_session[CHECKPOINTS + 2];
byte checkpoint_position[CHECKPOINTS + 2];   /* where replay starts */
byte checkpoint_before[CHECKPOINTS + 2];     /* the group before that */
byte checkpoint_first[CHECKPOINTS + 2];      /* the put that it shows for either key */
byte checkpoint_second[CHECKPOINTS + 2];
byte session_epoch[CRASHES + 2];
byte session_start[CRASHES + 2];
byte session_tip[CRASHES + 2];               /* the last group that it recovered */
byte session_base[CRASHES + 2];              /* sequence of the newest checkpoint when it began */
byte puts, groups, checkpoints, sessions;    /* how many there have been */

#define REMOVE(p) (8 + (p))
#define BIT(n) (1 << (n))

/* --- The living session's memory --------------------------------------------------------------- */

mtype = { DOWN, OPENING, MARKING, HEALING, BEGINNING, RUNNING, STOPPED };
mtype state = RUNNING;
byte session;
byte index[2];        /* the put that each key has */
byte owner[BLOCKS];   /* the put that holds a block; 0: free */
byte writing;         /* puts whose payload is being written, as bits */
byte pending[2];      /* records of the next group */
byte pendings;
byte retired_pending; /* puts whose end is a pending record, as bits */
byte retired_written; /* whose end is in the group in flight */
byte group;           /* in flight; 0: none */
byte last;            /* the newest group, written or in flight */
byte position, tail, sequence;
byte step;            /* of the checkpoint under way: 1 first key gathered, 2 chunk in flight, 3 chunk written,
                         4 and 5 header copies in flight */
byte seal_after;      /* groups that must become durable before the checkpoint is sealed */
byte heal;            /* the header place that recovery found without the newest checkpoint, and that one; 0: none */
byte healed;
byte crashes;

/* --- Writes of dead sessions that may still land, as bits -------------------------------------- */

#ifdef LATE
byte late_payloads;
short late_groups;
byte late_chunks;     /* by checkpoint */
short late_headers;   /* by checkpoint, twice: copies */
short late_sessions;  /* by session, twice */
byte hit;             /* blocks that a late payload has been written to, as bits */
#endif

/* --- What was promised ------------------------------------------------------------------------- */

byte durable[2];      /* what each key has by the records acknowledged as durable */
byte possible[2];     /* what it may have as well by records that are not: puts as bits, bit 0 for none */

/* --- Device ------------------------------------------------------------------------------------ */

hidden byte i, j, k, p, g, b, best, tip, epoch, start, length, named, taken;
hidden byte path[GROUPS + 1];

/* A write ends. If one before it is unflushed, the device may have kept that. */
inline land(place, value) {
  if
  :: seen[place] != kept[place] -> kept[place] = seen[place]
  :: true
  fi;
  seen[place] = value
}

inline flush() {
  d_step {
    i = 0;
    do
    :: i < PLACES -> kept[i] = seen[i]; i++
    :: else -> break
    od;
    i = 0
  }
}

/* Each unflushed write is kept, lost, or torn. */
inline cut_power() {
  i = 0;
  do
  :: i < PLACES && seen[i] == kept[i] -> i++
  :: i < PLACES && seen[i] != kept[i] -> kept[i] = seen[i]; i++
  :: i < PLACES && seen[i] != kept[i] -> seen[i] = kept[i]; i++
  :: i < PLACES && seen[i] != kept[i] && METADATA(i) && seen[i] != TORN -> seen[i] = TORN; kept[i] = TORN; i++
  :: i >= PLACES -> break
  od;
  i = 0
}

/* --- Journal ----------------------------------------------------------------------------------- */

inline append(record) { pending[pendings] = record; pendings++ }

inline publish(put) {
  append(put);
  k = put_key[put];
  if
  :: index[k] != 0 -> retired_pending = retired_pending | BIT(index[k])
  :: else
  fi;
  index[k] = put;
  possible[k] = possible[k] | BIT(put)
}

inline remove(key) {
  append(REMOVE(index[key]));
#ifdef REUSE_EARLY
  owner[put_block[index[key]]] = 0;
#else
  retired_pending = retired_pending | BIT(index[key]);
#endif
  index[key] = 0;
  possible[key] = possible[key] | BIT(0)
}

inline begin_group() {
  groups++;
  group = groups;
  group_session[group] = session;
  group_before[group] = last;
  group_position[group] = position;
  group_first[group] = pending[0];
  group_second[group] = pending[1];
  last = group;
  position++;
  retired_written = retired_pending;
  retired_pending = 0;
  pending[0] = 0;
  pending[1] = 0;
  pendings = 0
#if defined(LATE) && !defined(LATE_BY_A_LAP)
  /* Assumed: a late group has landed, or never will, when the ring comes round to its place. */
  ; g = 1;
  do
  :: g < group ->
     if
     :: (late_groups & BIT(g)) && group_position[g] + RING == group_position[group] ->
        late_groups = late_groups - BIT(g)
     :: else
     fi;
     g++
  :: else -> break
  od;
  g = 0
#endif
}

#define UNFLUSHED(record) ((record) != 0 && (record) < 8 && \
  seen[BLOCK(put_block[(record) % 8])] != kept[BLOCK(put_block[(record) % 8])])

/* Before the group, unless an earlier flush will do. */
inline flush_payloads() {
#ifndef NO_PAYLOAD_FLUSH
  if
  :: UNFLUSHED(group_first[group]) || UNFLUSHED(group_second[group]) -> flush()
  :: else
  fi
#else
  skip
#endif
}

inline promise(record) {
  if
  :: record == 0
  :: record != 0 && record < 8 -> durable[put_key[record]] = record
  :: record >= 8 -> durable[put_key[record - 8]] = 0
  fi
}

inline may_be(record) {
  if
  :: record == 0
  :: record != 0 && record < 8 -> possible[put_key[record]] = possible[put_key[record]] | BIT(record)
  :: record >= 8 -> possible[put_key[record - 8]] = possible[put_key[record - 8]] | BIT(0)
  fi
}

inline free_retired() {
  b = 0;
  do
  :: b < BLOCKS ->
     if
     :: owner[b] != 0 && (retired_written & BIT(owner[b])) -> owner[b] = 0
     :: else
     fi;
     b++
  :: else -> break
  od;
  b = 0;
  retired_written = 0
}

/* The group has been written, and is flushed. */
inline finish_group() {
  land(SLOT(group_position[group]), group);
  flush();
  d_step {
    promise(group_first[group]);
    promise(group_second[group]);
    possible[0] = 0;
    possible[1] = 0;
    may_be(pending[0]);
    may_be(pending[1]);
    free_retired();
    if
    :: state == BEGINNING -> state = RUNNING; durable[0] = index[0]; durable[1] = index[1]
    :: else
    fi;
    if
    :: seal_after > 0 -> seal_after--
    :: else
    fi;
    group = 0
  }
}

/* --- Checkpoint -------------------------------------------------------------------------------- */

#define CHECKPOINT_SLOT (checkpoint_sequence[checkpoints] % 2)

inline start_checkpoint() {
  checkpoints++;
  checkpoint_sequence[checkpoints] = sequence + 1;
  checkpoint_session[checkpoints] = session;
  checkpoint_position[checkpoints] = position;
  checkpoint_before[checkpoints] = last;
  checkpoint_first[checkpoints] = index[0];
  step = 1
#if defined(LATE) && !defined(LATE_BY_A_CHECKPOINT)
  /* Assumed: a late chunk has landed, or never will, when a checkpoint is written to its slot. */
  ; g = 2;
  do
  :: g < checkpoints ->
     if
     :: (late_chunks & BIT(g)) && checkpoint_sequence[g] % 2 == CHECKPOINT_SLOT -> late_chunks = late_chunks - BIT(g)
     :: else
     fi;
     g++
  :: else -> break
  od;
  g = 0
#endif
}

inline seal_when_durable() {
  seal_after = (group != 0 -> 1 : 0) + (pendings != 0 -> 1 : 0)
}

inline sealed() { tail = checkpoint_position[checkpoints]; sequence = checkpoint_sequence[checkpoints]; step = 0 }

/* --- Crash ------------------------------------------------------------------------------------- */

/* A write that was begun lands whole, lands in part, or never. */
inline resolve(place, value) {
  if
  :: land(place, value)
  :: METADATA(place) -> land(place, TORN)
  :: true
  fi
}

#define IN_FLIGHT(put) (writing & BIT(put))

inline resolve_all() {
  p = 1;
  do
  :: p <= PUTS && IN_FLIGHT(p) -> resolve(BLOCK(put_block[p]), p); p++
  :: p <= PUTS && !IN_FLIGHT(p) -> p++
  :: p > PUTS -> break
  od;
  p = 0;
  if
  :: group != 0 -> resolve(SLOT(group_position[group]), group)
  :: else
  fi;
  if
  :: step == 2 -> resolve(CHUNK(CHECKPOINT_SLOT), checkpoints)
  :: step == 4 -> resolve(HEADER(CHECKPOINT_SLOT, 0), checkpoints)
  :: step == 5 -> resolve(HEADER(CHECKPOINT_SLOT, 1), checkpoints)
  :: else
  fi;
  if
  :: state == OPENING -> resolve(SESSION(0), session)
  :: state == MARKING -> resolve(SESSION(1), session)
  :: state == HEALING -> resolve(heal, healed)
  :: else
  fi
}

#ifdef LATE
/* They stay under way; which classes of writes may is for the README. */
inline leave_all() {
#ifdef LATE_PAYLOADS
  late_payloads = late_payloads | writing;
#endif
#ifdef LATE_GROUPS
  late_groups = late_groups | (group != 0 -> BIT(group) : 0);
#endif
#ifdef LATE_CHUNKS
  late_chunks = late_chunks | (step == 2 -> BIT(checkpoints) : 0);
#endif
#ifdef LATE_HEADERS
  late_headers = late_headers | (step == 4 -> BIT(2 * checkpoints) : (step == 5 -> BIT(2 * checkpoints + 1) : 0)) |
    (state == HEALING -> BIT(2 * healed + (heal == HEADER(checkpoint_sequence[healed] % 2, 1) -> 1 : 0)) : 0);
#endif
#ifdef LATE_SESSIONS
  late_sessions = late_sessions |
    (state == OPENING -> BIT(2 * session) : (state == MARKING -> BIT(2 * session + 1) : 0));
#endif
  skip
}
#endif

inline forget() {
  d_step {
    state = DOWN;
    session = 0;
    index[0] = 0; index[1] = 0;
    b = 0;
    do
    :: b < BLOCKS -> owner[b] = 0; b++
    :: else -> break
    od;
    b = 0;
    writing = 0;
    pending[0] = 0; pending[1] = 0;
    pendings = 0;
    retired_pending = 0; retired_written = 0;
    group = 0; last = 0;
    position = 0; tail = 0; sequence = 0;
    step = 0; seal_after = 0;
    heal = 0; healed = 0;
    crashes++
  }
}

/* --- Recovery ---------------------------------------------------------------------------------- */

#define GROUP_AT(g) (seen[SLOT(group_position[g])] == (g))
#define EPOCH(g) session_epoch[group_session[g]]

/* A checkpoint newer than the one that the newest session began with is that session's own: others are late. */
#define SESSION_AT(copy) (seen[SESSION(copy)] % TORN)
#define EPOCH_AT(copy) session_epoch[SESSION_AT(copy)]
#define HAS(copy, c) (checkpoint_sequence[c] <= session_base[SESSION_AT(copy)] || \
  checkpoint_session[c] == SESSION_AT(copy))
#if defined(NO_BASE) || defined(NO_SESSIONS)
#define ACCEPTED(c) true
#elif SESSION_BLOCKS == 2
#define ACCEPTED(c) ((SESSION_AT(0) == 0 && SESSION_AT(1) == 0) || \
  (EPOCH_AT(0) >= EPOCH_AT(1) && HAS(0, c)) || (EPOCH_AT(1) >= EPOCH_AT(0) && HAS(1, c)))
#else
#define ACCEPTED(c) (SESSION_AT(0) == 0 || HAS(0, c))
#endif

/* The newest checkpoint whose header, in either copy, and chunk are there; `best` is 0 if there is none. */
inline find_checkpoint() {
  best = 0;
  i = 0;
  do
  :: i < 4 ->
     g = seen[HEADER(i / 2, i % 2)];
     if
     :: g == 0 || g == TORN
     :: g != 0 && g != TORN && !ACCEPTED(g)
     :: else ->
        if
#ifdef NO_FALLBACK
        :: best == 0 || checkpoint_sequence[g] > checkpoint_sequence[best] -> best = g
#else
        :: seen[CHUNK(i / 2)] == g &&
           (best == 0 || checkpoint_sequence[g] > checkpoint_sequence[best]) -> best = g
#endif
        :: else
        fi
     fi;
     i++
  :: else -> break
  od;
#ifdef NO_FALLBACK
  if
  :: best != 0 -> assert(seen[CHUNK(checkpoint_sequence[best] % 2)] == best)
  :: else
  fi;
#endif
  assert(best != 0);
  i = 0; g = 0
}

/* `path`: the groups from the checkpoint to `tip`, backwards; `length` of them. */
inline trace_back() {
  length = 0;
  g = tip;
  do
  :: g == checkpoint_before[best] -> break
  :: else -> path[length] = g; length++; g = group_before[g]
  od;
  g = 0
}

#define NEWER(g, h) (EPOCH(g) > EPOCH(h) || (EPOCH(g) == EPOCH(h) && (g) > (h)))

#ifdef NO_SESSIONS
/* Version 1 of the format: a group follows by its LSN, which is its position here. */
inline find_tip() {
  tip = checkpoint_before[best];
  start = checkpoint_position[best];
  do
  :: g = seen[SLOT(start)];
     if
     :: g != 0 && g != TORN && group_position[g] == start -> tip = g; start++
     :: else -> break
     fi
  od;
  j = 1;
  do
  :: j <= groups -> assert(!(GROUP_AT(j) && group_position[j] > start)); j++
  :: else -> break
  od;
  start = 0; g = 0; j = 0
}
#else
/* The groups that follow one another, in one pass in the order of the ring. What is newer than what the last session
   recovered, and older than its own, is late. Of two groups that follow one, the later session was not told of the
   other: so one is held back, `g`, and the one before it is `tip`. In the end `tip` is the last that counts. */
#if SESSION_BLOCKS == 2
#define LAST_SESSION (EPOCH_AT(1) >= EPOCH_AT(0) -> SESSION_AT(1) : SESSION_AT(0))
#else
#define LAST_SESSION SESSION_AT(0)
#endif
#if defined(NO_CUT) || defined(NO_BLOCK_CUT)
#define LATE_FOR(s, g) false
#elif defined(BELIEVE_BLOCK)
#define CONTESTED (EPOCH_AT(0) == EPOCH_AT(1) && SESSION_AT(0) != SESSION_AT(1))
#define LATE_FOR(s, g) ((s) != 0 && ((NEWER(g, session_tip[s]) && EPOCH(g) < session_epoch[s]) || \
  (!CONTESTED && EPOCH(g) == session_epoch[s] && group_session[g] != (s))))
#else
#define LATE_FOR(s, g) ((s) != 0 && NEWER(g, session_tip[s]) && EPOCH(g) < session_epoch[s])
#endif

/* `epoch`: the session whose block says what is late; 0: none, since there are groups of another one of its time or
   later, whose own block a late one has overwritten. */
inline find_last_session() {
  epoch = LAST_SESSION;
#ifndef BELIEVE_BLOCK
  j = 1;
  do
  :: j <= groups ->
     if
     :: epoch != 0 && GROUP_AT(j) && EPOCH(j) >= session_epoch[epoch] && group_session[j] != epoch -> epoch = 0
     :: else
     fi;
     j++
  :: else -> break
  od;
  j = 0
#endif
}

inline take(candidate) {
  taken = 1;
  if
  :: g != 0 && group_before[candidate] == g -> tip = g; g = candidate
#ifdef NO_CUT
  :: group_before[candidate] == tip && g == 0 -> g = candidate
#else
  :: group_before[candidate] == tip && (g == 0 || NEWER(candidate, g)) -> g = candidate
  :: group_before[candidate] == tip && g != 0 && !NEWER(candidate, g)
#endif
  :: else -> taken = 0
  fi
}

inline find_tip() {
  tip = checkpoint_before[best];
  find_last_session();
  g = 0; named = 0; start = 0;
  do
  :: start < RING ->
     j = seen[SLOT(checkpoint_position[best] + start)];
     if
     :: j != 0 && j != TORN && NEWER(j, tip) && !LATE_FOR(epoch, j) ->
        take(j);
        if
        :: taken == 0 -> named = named | BIT(j)
        :: else
        fi
     :: else
     fi;
     start++
  :: else -> break
  od;
  /* Those that followed none at first. A newer one that does not follow now is damage. */
  j = 1;
  do
  :: j <= groups ->
     if
     :: (named & BIT(j)) && NEWER(j, (g != 0 -> g : tip)) -> take(j); assert(taken)
     :: else
     fi;
     j++
  :: else -> break
  od;
  if
  :: g != 0 -> tip = g
  :: else
  fi;
  g = 0; named = 0; start = 0; taken = 0; j = 0; epoch = 0
}
#endif

inline apply(record) {
  if
  :: record == 0
  :: record != 0 && record < 8 -> index[put_key[record]] = record
  :: record >= 8 ->
     k = put_key[record - 8];
     if
     :: index[k] != 0 && put_block[index[k]] == put_block[record - 8] -> index[k] = 0
     :: else
     fi
  fi
}

inline replay() {
  index[0] = checkpoint_first[best];
  index[1] = checkpoint_second[best];
#ifdef NO_SESSIONS
  length = 0;
  start = group_position[tip];
  do
  :: tip != checkpoint_before[best] && start >= checkpoint_position[best] ->
     path[length] = seen[SLOT(start)];
     length++;
     if
     :: start == 0 -> break
     :: else -> start--
     fi
  :: else -> break
  od;
  start = 0;
#else
  trace_back();
#endif
  do
  :: length > 0 -> length--; apply(group_first[path[length]]); apply(group_second[path[length]]); path[length] = 0
  :: else -> break
  od
}

/* Promise 1: what was acknowledged is there. Promise 2: what is found has its own payload. */
inline check_promises() {
  k = 0;
  do
  :: k < 2 ->
     assert(index[k] == durable[k] || (possible[k] & BIT(index[k])));
     if
     :: index[k] != 0 ->
#ifdef LATE
        assert(seen[BLOCK(put_block[index[k]])] == index[k] || (hit & BIT(put_block[index[k]])));
#else
        assert(seen[BLOCK(put_block[index[k]])] == index[k]);
#endif
        assert(owner[put_block[index[k]]] == 0);
        owner[put_block[index[k]]] = index[k]
     :: else
     fi;
     k++
  :: else -> break
  od;
  k = 0
}

inline read_session_blocks() {
  epoch = EPOCH(tip);
  start = position;
  i = 0;
  do
  :: i < SESSION_BLOCKS ->
     g = seen[SESSION(i)];
     if
     :: g != 0 && g != TORN && session_epoch[g] > epoch -> epoch = session_epoch[g]
     :: else
     fi;
     if
     :: g != 0 && g != TORN && session_start[g] > start -> start = session_start[g]
     :: else
     fi;
     i++
  :: else -> break
  od;
  i = 0; g = 0
}

inline begin_session() {
  read_session_blocks();
  position = start + SKIP;
  if
  :: crashes == CRASHES || position - tail >= RING || groups == GROUPS -> state = STOPPED
  :: else ->
     sessions++;
     session = sessions;
     session_epoch[session] = epoch + 1;
     session_start[session] = position;
     session_base[session] = sequence;
     session_tip[session] = tip;
     state = OPENING
  fi;
  epoch = 0; start = 0
}

inline flush_session() {
#ifndef NO_RESTART_FLUSH
  flush()
#else
  skip
#endif
}

/* What can never be read again is one and the same. */
#ifdef LATE
#define LATE_PUTS late_payloads
#define NO_LATE_GROUP(g) !(late_groups & BIT(g))
#define NO_LATE_CHECKPOINT(c) (!(late_chunks & BIT(c)) && !(late_headers & (3 << (2 * (c)))))
#else
#define NO_LATE_GROUP(g) true
#define LATE_PUTS 0
#define NO_LATE_CHECKPOINT(c) true
#endif
#define RECOVERED(g) (session_tip[1] == (g) || session_tip[2] == (g) || session_tip[3 % (CRASHES + 2)] == (g) || \
  session_tip[4 % (CRASHES + 2)] == (g))
#define STARTS_AFTER(g) (checkpoint_before[1] == (g) || checkpoint_before[2 % (CHECKPOINTS + 2)] == (g) || \
  checkpoint_before[3 % (CHECKPOINTS + 2)] == (g))

inline merge_lost() {
  j = 1;
  do
  :: j <= groups ->
     if
     :: j != tip && !STARTS_AFTER(j) && !RECOVERED(j) && NO_LATE_GROUP(j) &&
        seen[SLOT(group_position[j])] != j && kept[SLOT(group_position[j])] != j ->
        group_session[j] = 0; group_before[j] = 0; group_position[j] = 0; group_first[j] = 0; group_second[j] = 0
     :: else
     fi;
     j++
  :: else -> break
  od;
  j = 1;
  do
  :: j <= checkpoints ->
     k = checkpoint_sequence[j] % 2;
     if
     :: seen[CHUNK(k)] != j && kept[CHUNK(k)] != j && seen[HEADER(k, 0)] != j && seen[HEADER(k, 1)] != j &&
        kept[HEADER(k, 0)] != j && kept[HEADER(k, 1)] != j && NO_LATE_CHECKPOINT(j) ->
        checkpoint_sequence[j] = 0; checkpoint_session[j] = 0; checkpoint_position[j] = 0; checkpoint_before[j] = 0;
        checkpoint_first[j] = 0; checkpoint_second[j] = 0
     :: else
     fi;
     j++
  :: else -> break
  od;
  /* So are payloads that nothing names: as good as torn ones. */
  named = BIT(index[0]) | BIT(index[1]) | LATE_PUTS;
  j = 1;
  do
  :: j <= groups ->
     named = named | BIT(group_first[j] % 8) | BIT(group_second[j] % 8); j++
  :: else -> break
  od;
  j = 1;
  do
  :: j <= checkpoints -> named = named | BIT(checkpoint_first[j]) | BIT(checkpoint_second[j]); j++
  :: else -> break
  od;
  j = 1;
  do
  :: j <= puts ->
     if
     :: !(named & BIT(j)) ->
        k = BLOCK(put_block[j]);
        if
        :: seen[k] == j -> seen[k] = TORN
        :: else
        fi;
        if
        :: kept[k] == j -> kept[k] = TORN
        :: else
        fi;
        put_key[j] = 0; put_block[j] = 0
     :: else
     fi;
     j++
  :: else -> break
  od;
  named = 0; k = 0; j = 0
}

/* A checkpoint that is there in one copy only is not yet one to rely on. */
inline find_what_to_heal() {
#if HEADERS == 2 && !defined(NO_HEAL)
  k = checkpoint_sequence[best] % 2;
  if
  :: seen[HEADER(k, 0)] != best -> heal = HEADER(k, 0); healed = best
  :: seen[HEADER(k, 0)] == best && seen[HEADER(k, 1)] != best -> heal = HEADER(k, 1); healed = best
  :: else
  fi;
  k = 0
#else
  skip
#endif
}

inline begin_writing() {
  if
  :: heal != 0 -> state = HEALING
  :: else -> state = BEGINNING; begin_group()
  fi
}

inline recover() {
  d_step {
    find_checkpoint();
    find_tip();
    replay();
    check_promises();
    tail = checkpoint_position[best];
    sequence = checkpoint_sequence[best];
    last = tip;
    position = (tip == checkpoint_before[best] -> checkpoint_position[best] : group_position[tip] + 1);
    merge_lost();
    find_what_to_heal();
    begin_session();
    best = 0; tip = 0
  }
}

/* All ends are one state. */
inline forget_all() {
  d_step {
    i = 0;
    do
    :: i < PLACES -> seen[i] = 0; kept[i] = 0; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i <= PUTS -> put_key[i] = 0; put_block[i] = 0; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i <= GROUPS ->
       group_session[i] = 0; group_before[i] = 0; group_position[i] = 0; group_first[i] = 0; group_second[i] = 0; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i <= CHECKPOINTS + 1 ->
       checkpoint_sequence[i] = 0; checkpoint_session[i] = 0; checkpoint_position[i] = 0; checkpoint_before[i] = 0;
       checkpoint_first[i] = 0; checkpoint_second[i] = 0; i++
    :: else -> break
    od;
    i = 0;
    do
    :: i <= CRASHES + 1 -> session_epoch[i] = 0; session_start[i] = 0; session_base[i] = 0; session_tip[i] = 0; i++
    :: else -> break
    od;
    i = 0;
    puts = 0; groups = 0; checkpoints = 0; sessions = 0; session = 0;
    index[0] = 0; index[1] = 0;
    durable[0] = 0; durable[1] = 0; possible[0] = 0; possible[1] = 0;
    b = 0;
    do
    :: b < BLOCKS -> owner[b] = 0; b++
    :: else -> break
    od;
    b = 0;
    last = 0; position = 0; tail = 0; sequence = 0; heal = 0; healed = 0
#ifdef LATE
    ; late_payloads = 0; late_groups = 0; late_chunks = 0; late_headers = 0; late_sessions = 0; hit = 0
#endif
  }
}

/* --- Everything that can happen ---------------------------------------------------------------- */

#define WRITES(put, key) (PUTS >= put && IN_FLIGHT(put) && put_key[put % (PUTS + 1)] == (key))
#define BUSY(key) (WRITES(1, key) || WRITES(2, key) || WRITES(3, key) || WRITES(4, key))
#if BLOCKS == 2
#define FREE_BLOCK (owner[0] == 0 -> 0 : 1)
#define ANY_FREE (owner[0] == 0 || owner[1] == 0)
#else
#define FREE_BLOCK (owner[0] == 0 -> 0 : (owner[1] == 0 -> 1 : 2))
#define ANY_FREE (owner[0] == 0 || owner[1] == 0 || owner[2] == 0)
#endif

#define PUT(key) \
  :: atomic { state == RUNNING && puts < PUTS && ANY_FREE && !BUSY(key) && (key == 0 || puts > 0) -> \
       puts++; put_key[puts] = key; put_block[puts] = FREE_BLOCK; owner[put_block[puts]] = puts; \
       writing = writing | BIT(puts) }
#define WRITTEN(put) \
  :: atomic { state == RUNNING && IN_FLIGHT(put) && pendings < 2 -> \
       land(BLOCK(put_block[put]), put); writing = writing - BIT(put); publish(put); k = 0 }
#define REMOVAL(key) \
  :: atomic { state == RUNNING && index[key] != 0 && pendings < 2 -> remove(key) }

#ifdef LATE
#define LATE_WRITE(bits, bit, place, value) \
  :: atomic { state != STOPPED && (bits & BIT(bit)) -> bits = bits - BIT(bit); \
       if \
       :: land(place, value) \
       :: METADATA(place) && seen[place] != value -> land(place, TORN) \
       fi }
#define LATE_PAYLOAD(put) \
  :: atomic { state != STOPPED && (late_payloads & BIT(put)) -> late_payloads = late_payloads - BIT(put); \
       land(BLOCK(put_block[put]), put); hit = hit | BIT(put_block[put]) }
#endif

init {
  /* A formatted store, opened: checkpoint 1 shows nothing, group 1 is the first session's kOpen. */
  d_step {
    checkpoints = 1;
    checkpoint_sequence[1] = 1;
    seen[CHUNK(1)] = 1;
    seen[HEADER(1, 0)] = 1;
    seen[HEADER(1, 1)] = 1;
    sequence = 1;
    sessions = 1;
    session = 1;
    session_epoch[1] = 1;
    session_base[1] = 1;
    seen[SESSION(0)] = 1;
    seen[SESSION(1)] = 1;
    groups = 1;
    group_session[1] = 1;
    last = 1;
    position = 1;
    seen[SLOT(0)] = 1;
    flush()
  }
  do
  /* Puts and removals. */
  PUT(0)
  PUT(1)
  WRITTEN(1)
#if PUTS >= 2
  WRITTEN(2)
#endif
#if PUTS >= 3
  WRITTEN(3)
#endif
#if PUTS >= 4
  WRITTEN(4)
#endif
  REMOVAL(0)
  REMOVAL(1)

  /* Group commit. */
  :: atomic { state == RUNNING && group == 0 && pendings > 0 && position - tail < RING && groups < GROUPS ->
       begin_group(); flush_payloads() }
  :: atomic { group != 0 -> finish_group() }

  /* Checkpoint. */
  :: atomic { state == RUNNING && step == 0 && checkpoints < CHECKPOINTS + 1 ->
#ifndef NO_SESSIONS
       if
       :: seen[SESSION(0)] == session && (SESSION_BLOCKS == 1 || seen[SESSION(1)] == session) -> start_checkpoint()
       :: else -> state = STOPPED
       fi
#else
       start_checkpoint()
#endif
     }
  :: atomic { step == 1 -> checkpoint_second[checkpoints] = index[1]; step = 2 }
  :: atomic { step == 2 -> land(CHUNK(CHECKPOINT_SLOT), checkpoints); seal_when_durable(); step = 3 }
#ifdef SEAL_EARLY
  :: atomic { step == 3 ->
#else
  :: atomic { step == 3 && seal_after == 0 ->
#endif
       flush();
#ifdef TAIL_EARLY
       tail = checkpoint_position[checkpoints];
#endif
       step = 4 }
  :: atomic { step == 4 -> land(HEADER(CHECKPOINT_SLOT, 0), checkpoints); flush();
#if HEADERS == 2
       step = 5 }
  :: atomic { step == 5 -> land(HEADER(CHECKPOINT_SLOT, 1), checkpoints); flush();
#endif
       sealed() }

  /* A crash: of the process, which leaves the device's cache alone, or of the power. */
  :: atomic { state != DOWN && state != STOPPED && crashes < CRASHES ->
       if
#ifdef LATE
       :: leave_all()
#else
       :: resolve_all()
#endif
       :: resolve_all(); cut_power()
       fi;
       forget();
#ifdef LATE
     }
  :: atomic { state == DOWN ->
#endif
       recover();
       if
       :: state == OPENING && groups < GROUPS ->
#ifndef NO_RESTART_FLUSH
          flush();
#endif
#ifdef NO_SESSIONS
          state = BEGINNING; begin_group();
#endif
          skip
       :: else -> break
       fi }

  /* The next session: session block, kOpen. */
#if SESSION_BLOCKS == 2
  :: atomic { state == OPENING -> land(SESSION(0), session); flush_session(); state = MARKING }
  :: atomic { state == MARKING -> land(SESSION(1), session); flush_session(); begin_writing() }
#else
  :: atomic { state == OPENING -> land(SESSION(0), session); flush_session(); begin_writing() }
#endif

  :: atomic { state == HEALING ->
       land(heal, healed); flush_session(); heal = 0; healed = 0; state = BEGINNING; begin_group() }

#ifdef LATE
  /* Late writes. */
#ifdef LATE_PAYLOADS
  LATE_PAYLOAD(1)
#if PUTS >= 2
  LATE_PAYLOAD(2)
#endif
#if PUTS >= 3
  LATE_PAYLOAD(3)
#endif
#endif
#ifdef LATE_GROUPS
  LATE_WRITE(late_groups, 2, SLOT(group_position[2]), 2)
  LATE_WRITE(late_groups, 3, SLOT(group_position[3]), 3)
  LATE_WRITE(late_groups, 4, SLOT(group_position[4]), 4)
  LATE_WRITE(late_groups, 5, SLOT(group_position[5]), 5)
  LATE_WRITE(late_groups, 6, SLOT(group_position[6]), 6)
  LATE_WRITE(late_groups, 7, SLOT(group_position[7]), 7)
#endif
#ifdef LATE_CHUNKS
  LATE_WRITE(late_chunks, 2, CHUNK(checkpoint_sequence[2] % 2), 2)
#if CHECKPOINTS >= 2
  LATE_WRITE(late_chunks, 3, CHUNK(checkpoint_sequence[3] % 2), 3)
#endif
#endif
#ifdef LATE_HEADERS
  LATE_WRITE(late_headers, 2, HEADER(1, 0), 1)
  LATE_WRITE(late_headers, 3, HEADER(1, 1), 1)
  LATE_WRITE(late_headers, 4, HEADER(checkpoint_sequence[2] % 2, 0), 2)
  LATE_WRITE(late_headers, 5, HEADER(checkpoint_sequence[2] % 2, 1), 2)
#if CHECKPOINTS >= 2
  LATE_WRITE(late_headers, 6, HEADER(checkpoint_sequence[3] % 2, 0), 3)
  LATE_WRITE(late_headers, 7, HEADER(checkpoint_sequence[3] % 2, 1), 3)
#endif
#endif
#ifdef LATE_SESSIONS
  LATE_WRITE(late_sessions, 4, SESSION(0), 2)
  LATE_WRITE(late_sessions, 5, SESSION(1), 2)
#if CRASHES >= 3
  LATE_WRITE(late_sessions, 6, SESSION(0), 3)
  LATE_WRITE(late_sessions, 7, SESSION(1), 3)
#endif
#if CRASHES >= 4
  LATE_WRITE(late_sessions, 8, SESSION(0), 4)
  LATE_WRITE(late_sessions, 9, SESSION(1), 4)
#endif
#endif
#endif
  od;
  skip;
  forget_all()
}
