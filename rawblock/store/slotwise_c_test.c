/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface as a C program uses it. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slotwise/slotwise.h"

static slotwise_error error;

static void Expect(slotwise_code expected, slotwise_code got, const char* call) {
  if (expected == got) return;
  fprintf(stderr, "%s: %d instead of %d: %s\n", call, (int)got, (int)expected, error.message);
  exit(1);
}
#define EXPECT(expected, call) Expect(expected, call, #call)

static void Check(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "wrong: %s\n", what);
  exit(1);
}
#define CHECK_THAT(what) Check(what, #what)

static void UseStore(slotwise_store* store) {
  static char payload[100000];
  static char back[100000];
  size_t bytes = 0;
  slotwise_statistics statistics;
  memset(payload, 42, sizeof(payload));
  EXPECT(SLOTWISE_OK, slotwise_put(store, "key", 3, payload, sizeof(payload), &error));
  EXPECT(SLOTWISE_OK, slotwise_put(store, "key", 3, payload, 1, &error));
  EXPECT(SLOTWISE_INVALID_ARGUMENT, slotwise_put(store, "", 0, payload, 1, NULL));
  EXPECT(SLOTWISE_OK, slotwise_exists(store, "key", 3, &bytes, &error));
  CHECK_THAT(bytes == sizeof(payload));
  EXPECT(SLOTWISE_NOT_FOUND, slotwise_exists(store, "nobody", 6, NULL, &error));
  bytes = 0;
  EXPECT(SLOTWISE_OUT_OF_RANGE, slotwise_get(store, "key", 3, back, 10, &bytes, &error));
  CHECK_THAT(strstr(error.message, "100000") != NULL && bytes == sizeof(payload));
  EXPECT(SLOTWISE_OUT_OF_RANGE, slotwise_get(store, "key", 3, back, 10, NULL, &error));
  bytes = 7;
  EXPECT(SLOTWISE_NOT_FOUND, slotwise_get(store, "nobody", 6, back, 10, &bytes, &error));
  CHECK_THAT(bytes == 7);
  EXPECT(SLOTWISE_OK, slotwise_get(store, "key", 3, back, sizeof(back), &bytes, &error));
  CHECK_THAT(bytes == sizeof(payload) && memcmp(back, payload, bytes) == 0);
  EXPECT(SLOTWISE_OK, slotwise_put(store, "other", 5, payload, 10, &error));
  EXPECT(SLOTWISE_OK, slotwise_remove(store, "other", 5, &error));
  EXPECT(SLOTWISE_NOT_FOUND, slotwise_remove(store, "other", 5, &error));
  EXPECT(SLOTWISE_OK, slotwise_flush(store, &error));
  slotwise_stat(store, &statistics);
  CHECK_THAT(statistics.entries == 1 && statistics.payload_bytes == sizeof(payload));
  CHECK_THAT(statistics.hits == 1 && statistics.stored == 2);
}

/* As in a container that may have no more threads: with stacks that fit into no address space. */
static void RefuseOpenWithoutThreads(const char* const* paths, const slotwise_options* options) {
  slotwise_store* store = NULL;
  pthread_attr_t usual;
  pthread_attr_t vast;
  CHECK_THAT(pthread_getattr_default_np(&usual) == 0 && pthread_attr_init(&vast) == 0);
  CHECK_THAT(pthread_attr_setstacksize(&vast, (size_t)1 << 60) == 0 && pthread_setattr_default_np(&vast) == 0);
  EXPECT(SLOTWISE_NO_SPACE, slotwise_open(paths, 1, options, &store, &error));
  CHECK_THAT(store == NULL && strstr(error.message, paths[0]) != NULL && strstr(error.message, "ulimit -u") != NULL);
  CHECK_THAT(pthread_setattr_default_np(&usual) == 0);
}

/* What the library would throw is a code and a message. */
static void RefuseOpenOfMoreThanMemoryHolds(const char* const* paths, const slotwise_options* options) {
  slotwise_store* store = NULL;
  EXPECT(SLOTWISE_FAILED, slotwise_open(paths, (size_t)-1 / 1024, options, &store, &error));
  CHECK_THAT(store == NULL && strlen(error.message) > 0);
}

int main(void) {
  char path[4096];
  const char* paths[1];
  size_t bytes = 0;
  slotwise_store* store = NULL;
  slotwise_options options;
  const char* folder = getenv("TEST_TMPDIR");
  snprintf(path, sizeof(path), "%s/slotwise_c_test", folder == NULL ? "/tmp" : folder);
  paths[0] = path;
  remove(path);
  slotwise_default_options(&options);
  options.buffered = 1;

  EXPECT(SLOTWISE_NOT_FOUND, slotwise_open(paths, 1, &options, &store, &error));
  EXPECT(SLOTWISE_NOT_FOUND, slotwise_create(path, 0, 0, 1, &error));
  EXPECT(SLOTWISE_OK, slotwise_create(path, 64 << 20, 100000, 1, &error));
  EXPECT(SLOTWISE_FAILED_PRECONDITION, slotwise_create(path, 64 << 20, 100000, 1, &error));
  options.eviction = "magic";
  EXPECT(SLOTWISE_INVALID_ARGUMENT, slotwise_open(paths, 1, &options, &store, &error));
  options.eviction = NULL;
  EXPECT(SLOTWISE_INVALID_ARGUMENT, slotwise_open(paths, 0, &options, &store, &error));
  RefuseOpenWithoutThreads(paths, &options);
  RefuseOpenOfMoreThanMemoryHolds(paths, &options);
  EXPECT(SLOTWISE_OK, slotwise_open(paths, 1, &options, &store, &error));
  UseStore(store);
  EXPECT(SLOTWISE_OK, slotwise_close(store, &error));
  EXPECT(SLOTWISE_OK, slotwise_open(paths, 1, &options, &store, &error));
  EXPECT(SLOTWISE_OK, slotwise_exists(store, "key", 3, &bytes, &error));
  EXPECT(SLOTWISE_OK, slotwise_close(store, NULL));
  EXPECT(SLOTWISE_OK, slotwise_close(NULL, NULL));
  puts("passed");
  return 0;
}
