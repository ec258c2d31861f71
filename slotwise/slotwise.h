/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLOTWISE_SLOTWISE_H_
#define SLOTWISE_SLOTWISE_H_

/*
 * The C interface of libslotwise.so: a RawBlockStore behind calls that block.
 *
 * Every function may be called from any thread, but for slotwise_close, which must
 * be the last call on its store. Each returns a slotwise_code; `error`, where it is
 * not null, gets the reason in words. No C++ exception leaves a function: what one
 * would have said is SLOTWISE_FAILED. Keys are any bytes. A symbol, once released,
 * keeps its meaning: new ones come under a new version.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum slotwise_code {
  SLOTWISE_OK = 0,
  SLOTWISE_NOT_FOUND = 1,           /* no such key; of open, no such device or file */
  SLOTWISE_INVALID_ARGUMENT = 2,    /* what was asked for makes no sense */
  SLOTWISE_OUT_OF_RANGE = 3,        /* the payload or the buffer is too large or too small */
  SLOTWISE_NO_SPACE = 4,            /* no room, and eviction could not make any; of open, no thread or descriptor */
  SLOTWISE_DATA_LOSS = 5,           /* damaged; of get, the entry has been dropped */
  SLOTWISE_UNAVAILABLE = 6,         /* too much is queued, or the device is stalled or lost */
  SLOTWISE_FAILED_PRECONDITION = 7, /* not a Slotwise store, held, pinned, or read-only after a failure */
  SLOTWISE_FAILED = 8               /* anything else: see the message */
} slotwise_code;

typedef struct slotwise_error {
  char message[512]; /* ends with a zero; cut off if it is longer */
} slotwise_error;

typedef struct slotwise_options {
  const char* eviction; /* the name of a policy, as `slotwise replay --help` lists them; null is "lru" */
  int queue_depth;      /* transfers in flight per device, 1 to 4096 */
  int durable;          /* not 0: a put or remove returns when it survives a crash */
  int buffered;         /* not 0: through the page cache, for files without O_DIRECT */
} slotwise_options;

/* Of all devices together, since slotwise_open. */
typedef struct slotwise_statistics {
  uint64_t entries;
  uint64_t payload_bytes;  /* held */
  uint64_t occupied_bytes; /* by payloads, whole blocks */
  uint64_t free_bytes;
  uint64_t capacity_bytes;
  uint64_t gets;
  uint64_t hits;
  uint64_t puts;
  uint64_t stored;
  uint64_t refused;   /* puts, for want of space or entries */
  uint64_t evictions; /* entries */
  uint64_t checksum_failures;
} slotwise_statistics;

typedef struct slotwise_store slotwise_store;

/* LRU, 64 transfers in flight, not durable, O_DIRECT. */
void slotwise_default_options(slotwise_options* options);

/*
 * Makes an empty store of a blank device or file, or of a new file of
 * `capacity_bytes`; 0 uses all of what is there. `payload_bytes` is the size of a
 * typical payload; 0 if unknown. Never changes what is not blank.
 */
slotwise_code slotwise_create(const char* path, uint64_t capacity_bytes, uint64_t payload_bytes, int buffered,
                              slotwise_error* error);

/* Opens the stores at `paths`, one for each device, and recovers them. `options` may be null. */
slotwise_code slotwise_open(const char* const* paths, size_t path_count, const slotwise_options* options,
                            slotwise_store** store, slotwise_error* error);

/* A key that is there keeps its payload, and that is SLOTWISE_OK. */
slotwise_code slotwise_put(slotwise_store* store, const void* key, size_t key_bytes, const void* payload,
                           size_t payload_bytes, slotwise_error* error);

/*
 * Reads into `buffer`, of `buffer_bytes`, and sets `payload_bytes`, if it is not null,
 * to the length of the payload. A buffer that is too small is SLOTWISE_OUT_OF_RANGE,
 * and gets nothing; `payload_bytes` says how large it must be. Any other failure
 * leaves `payload_bytes` as it was. Aligned to 4096 the buffer is read into directly.
 */
slotwise_code slotwise_get(slotwise_store* store, const void* key, size_t key_bytes, void* buffer, size_t buffer_bytes,
                           size_t* payload_bytes, slotwise_error* error);

/* SLOTWISE_NOT_FOUND, or the length of the payload. `payload_bytes` may be null. */
slotwise_code slotwise_exists(slotwise_store* store, const void* key, size_t key_bytes, size_t* payload_bytes,
                              slotwise_error* error);

slotwise_code slotwise_remove(slotwise_store* store, const void* key, size_t key_bytes, slotwise_error* error);

/* Returns when everything answered so far survives a crash. */
slotwise_code slotwise_flush(slotwise_store* store, slotwise_error* error);

void slotwise_stat(const slotwise_store* store, slotwise_statistics* statistics);

/* Finishes what is under way, and frees the store whatever it returns. Null is closed already. */
slotwise_code slotwise_close(slotwise_store* store, slotwise_error* error);

#ifdef __cplusplus
}
#endif

#endif /* SLOTWISE_SLOTWISE_H_ */
