// The part of a package for Node that is in C: it calls the shared library of a component
// through Node-API, on the thread of JavaScript or on one of libuv's. It is the same for all
// components, and is compiled by unweld pack.
//
// What it uses of Node-API is declared here, so that Node's headers needn't be there. These
// functions are in the program that loads the addon, and have one binary form on all versions.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct environment *Env;
typedef struct value *Value;
typedef struct info *Info;
typedef struct reference *Reference;
typedef struct deferred *Deferred;
typedef struct work *Work;
typedef Value (*Function)(Env, Info);
typedef void (*Execute)(Env, void *data);
typedef void (*Complete)(Env, int status, void *data);
typedef void (*Finalize)(Env, void *data, void *hint);

extern int napi_get_cb_info(Env, Info, size_t *count, Value *arguments, Value *self, void **data);
extern int napi_create_function(Env, const char *name, size_t length, Function, void *data, Value *);
extern int napi_create_object(Env, Value *);
extern int napi_set_named_property(Env, Value object, const char *name, Value);
extern int napi_get_value_int32(Env, Value, int32_t *);
extern int napi_get_value_double(Env, Value, double *);
extern int napi_get_value_string_utf8(Env, Value, char *into, size_t size, size_t *length);
extern int napi_get_value_external(Env, Value, void **);
extern int napi_get_arraybuffer_info(Env, Value, void **data, size_t *length);
extern int napi_create_arraybuffer(Env, size_t length, void **data, Value *);
extern int napi_create_double(Env, double, Value *);
extern int napi_create_external(Env, void *data, Finalize, void *hint, Value *);
extern int napi_create_string_utf8(Env, const char *, size_t length, Value *);
extern int napi_create_reference(Env, Value, uint32_t count, Reference *);
extern int napi_delete_reference(Env, Reference);
extern int napi_create_promise(Env, Deferred *, Value *promise);
extern int napi_resolve_deferred(Env, Deferred, Value);
extern int napi_reject_deferred(Env, Deferred, Value);
extern int napi_create_async_work(Env, Value resource, Value name, Execute, Complete, void *data, Work *);
extern int napi_queue_async_work(Env, Work);
extern int napi_cancel_async_work(Env, Work);
extern int napi_delete_async_work(Env, Work);
extern int napi_get_undefined(Env, Value *);
extern int napi_throw_error(Env, const char *code, const char *message);
extern int napi_open_handle_scope(Env, void **);
extern int napi_close_handle_scope(Env, void *);
extern uint64_t uv_hrtime(void);

typedef int32_t (*Call)(int32_t endpoint, const char *request, size_t length, int64_t nanoseconds, uint64_t token, void **reply, size_t *size);

// A Library is one shared library of the process. It is there until the process ends, since
// Go can't be unloaded; the threads of JavaScript share it.
typedef struct library {
	struct library *next;
	void *loaded;
	Call call;
	void (*release)(void *);
	void (*cancel)(uint64_t);
	int32_t keep;  // the endpoint that is told which values aren't referred to any more
	char self[16]; // how this process is known there
} Library;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Library *libraries;
static double opened; // how often a thread of JavaScript has opened one

// An Instance is a library as one thread of JavaScript calls it.
typedef struct {
	Library *library;
	Reference held[2]; // what keeps the memory below alive
	char *request, *reply;
	size_t request_size, reply_size;
	void *pending; // a reply that didn't fit
	struct started *calls; // those that are under way
} Instance;

// A Started call is made on a thread of libuv's.
typedef struct started {
	struct started *next, **place;
	Instance *instance;
	Deferred deferred;
	Work work;
	int32_t endpoint, status;
	int64_t nanoseconds;
	uint64_t token, begun;
	void *reply;
	size_t size, length;
	int cancelled; // written by the thread of JavaScript, read by the other one
	char request[];
} Started;

static Value throw_error(Env env, const char *message) {
	napi_throw_error(env, NULL, message);
	return NULL;
}

static Value undefined(Env env) {
	Value v = NULL;
	napi_get_undefined(env, &v);
	return v;
}

// arguments reads those of a call, and what the function was made with.
static void *arguments(Env env, Info info, size_t count, Value *into) {
	void *data = NULL;
	napi_get_cb_info(env, info, &count, into, NULL, &data);
	return data;
}

static double number(Env env, Value v) {
	double n = 0;
	napi_get_value_double(env, v, &n);
	return n;
}

// buffers(request, reply) sets the memory that calls read and write.
static Value buffers(Env env, Info info) {
	Value args[2];
	Instance *in = arguments(env, info, 2, args);
	for (int i = 0; i < 2; i++) {
		if (in->held[i]) napi_delete_reference(env, in->held[i]);
		in->held[i] = NULL;
		if (napi_create_reference(env, args[i], 1, &in->held[i])) return throw_error(env, "no memory for a reference");
	}
	void *memory[2] = {NULL, NULL};
	napi_get_arraybuffer_info(env, args[0], &memory[0], &in->request_size);
	napi_get_arraybuffer_info(env, args[1], &memory[1], &in->reply_size);
	in->request = memory[0], in->reply = memory[1];
	return undefined(env);
}

// call(endpoint, at, length, nanoseconds) returns the size of the reply, or of a failure
// -1 less it. What didn't fit take returns.
static Value call(Env env, Info info) {
	Value args[4], result = NULL;
	Instance *in = arguments(env, info, 4, args);
	double endpoint = number(env, args[0]), at = number(env, args[1]), length = number(env, args[2]);
	if (at < 0 || length < 0 || at + length > in->request_size) return throw_error(env, "a request that isn't in its memory");
	void *reply = in->reply;
	size_t size = in->reply_size;
	int32_t status = in->library->call((int32_t)endpoint, in->request + (size_t)at, (size_t)length, (int64_t)number(env, args[3]), 0, &reply, &size);
	if (reply != in->reply) in->pending = reply;
	napi_create_double(env, status ? -1 - (double)size : (double)size, &result);
	return result;
}

// copied makes an ArrayBuffer of a reply, and frees that.
static Value copied(Env env, Library *library, void *reply, size_t size) {
	void *into = NULL;
	Value v = NULL;
	bool made = napi_create_arraybuffer(env, size, &into, &v) == 0;
	if (made && size > 0) memcpy(into, reply, size);
	if (reply) library->release(reply);
	return made ? v : NULL;
}

// take(size) returns the reply of the last call.
static Value take(Env env, Info info) {
	Value args[1];
	Instance *in = arguments(env, info, 1, args);
	void *reply = in->pending;
	in->pending = NULL;
	if (!reply) return undefined(env);
	Value v = copied(env, in->library, reply, (size_t)number(env, args[0]));
	return v ? v : throw_error(env, "no memory for the reply");
}

// execute makes a call on another thread. Of the time that it may take, it has waited for some.
static void execute(Env env, void *data) {
	(void)env;
	Started *s = data;
	if (__atomic_load_n(&s->cancelled, __ATOMIC_ACQUIRE)) return;
	int64_t left = s->nanoseconds;
	if (left > 0) {
		left -= (int64_t)(uv_hrtime() - s->begun);
		if (left < 1) left = 1;
	}
	s->status = s->instance->library->call(s->endpoint, s->request, s->length, left, s->token, &s->reply, &s->size);
}

static void complete(Env env, int status, void *data) {
	Started *s = data;
	void *scope = NULL;
	napi_open_handle_scope(env, &scope);
	Value v = NULL;
	if (!status && s->status >= 0) v = copied(env, s->instance->library, s->reply, s->size);
	if (v && s->status == 0) {
		napi_resolve_deferred(env, s->deferred, v);
	} else {
		napi_reject_deferred(env, s->deferred, v ? v : undefined(env));
	}
	*s->place = s->next;
	if (s->next) s->next->place = s->place;
	napi_delete_async_work(env, s->work);
	napi_close_handle_scope(env, scope);
	free(s);
}

// start(endpoint, at, length, nanoseconds, token) returns a promise of the reply as an
// ArrayBuffer. It is rejected with the failure as one, or with undefined if it was never called.
static Value start(Env env, Info info) {
	Value args[5], promise = NULL, name = NULL;
	Instance *in = arguments(env, info, 5, args);
	double at = number(env, args[1]), length = number(env, args[2]);
	if (at < 0 || length < 0 || at + length > in->request_size) return throw_error(env, "a request that isn't in its memory");
	Started *s = malloc(sizeof(Started) + (size_t)length);
	if (!s) return throw_error(env, "no memory for the request");
	*s = (Started){.instance = in, .endpoint = (int32_t)number(env, args[0]), .status = -1, .length = (size_t)length,
		.nanoseconds = (int64_t)number(env, args[3]), .token = (uint64_t)number(env, args[4]), .begun = uv_hrtime()};
	if (length > 0) memcpy(s->request, in->request + (size_t)at, (size_t)length);
	napi_create_string_utf8(env, "unweld", 6, &name);
	if (napi_create_async_work(env, NULL, name, execute, complete, s, &s->work)) {
		free(s);
		return throw_error(env, "a call can't be started");
	}
	if (napi_create_promise(env, &s->deferred, &promise) || napi_queue_async_work(env, s->work)) {
		napi_delete_async_work(env, s->work);
		free(s);
		return throw_error(env, "a call can't be started");
	}
	s->next = in->calls, s->place = &in->calls;
	if (s->next) s->next->place = &s->next;
	in->calls = s;
	return promise;
}

static void stop(Env env, Started *s) {
	__atomic_store_n(&s->cancelled, 1, __ATOMIC_RELEASE);
	if (napi_cancel_async_work(env, s->work)) s->instance->library->cancel(s->token);
}

// cancel(token) ends a call that was started, whether it has begun or not; 0: all of them.
static Value cancel(Env env, Info info) {
	Value args[1];
	Instance *in = arguments(env, info, 1, args);
	uint64_t token = (uint64_t)number(env, args[0]);
	for (Started *s = in->calls; s; s = s->next)
		if (token == 0 || s->token == token) stop(env, s);
	return undefined(env);
}

static size_t varint(char *into, uint64_t n) {
	size_t i = 0;
	for (; n > 127; n >>= 7) into[i++] = (char)((n & 127) | 128);
	into[i++] = (char)n;
	return i;
}

// report tells the component that this process is there, and which value it has no longer.
static void report(Library *library, uint64_t value) {
	char request[40] = {0x0a, 16}, answer[64];
	memcpy(request + 2, library->self, 16);
	size_t length = 18, size = sizeof answer;
	if (value) {
		request[length] = 2 << 3 | 2;
		size_t n = varint(request + length + 2, value);
		request[length + 1] = (char)n;
		length += 2 + n;
	}
	void *reply = answer;
	library->call(library->keep, request, length, 0, 0, &reply, &size);
	if (reply != answer) library->release(reply);
}

// A Held value is one of Go's that JavaScript has: the number under which it was given.
typedef struct {
	Library *library;
	uint64_t number;
} Held;

static void give_back(Held *h) {
	if (h->number) report(h->library, h->number);
	h->number = 0;
}

static void unreachable(Env env, void *data, void *hint) {
	(void)env, (void)hint;
	give_back(data);
	free(data);
}

// hold(number) returns what keeps a value. When the garbage collector finds it, or its thread
// of JavaScript ends, the value is given back.
static Value hold(Env env, Info info) {
	Value args[1], v = NULL;
	Instance *in = arguments(env, info, 1, args);
	Held *h = malloc(sizeof(Held));
	if (!h) return throw_error(env, "no memory for a handle");
	*h = (Held){in->library, (uint64_t)number(env, args[0])};
	if (napi_create_external(env, h, unreachable, NULL, &v)) {
		free(h);
		return throw_error(env, "no memory for a handle");
	}
	return v;
}

// give(held) gives a value back now.
static Value give(Env env, Info info) {
	Value args[1];
	void *held = NULL;
	arguments(env, info, 1, args);
	if (napi_get_value_external(env, args[0], &held) == 0 && held) give_back(held);
	return undefined(env);
}

// keep() tells the component that this process is there.
static Value keep(Env env, Info info) {
	Instance *in = arguments(env, info, 0, NULL);
	report(in->library, 0);
	return undefined(env);
}

// load returns a library, with which the process is known by self.
static Library *load(const char *path, const char *prefix, int32_t keep_endpoint, const void *self, char *why, size_t size) {
	void *loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!loaded) {
		snprintf(why, size, "%s", dlerror());
		return NULL;
	}
	for (Library *l = libraries; l; l = l->next)
		if (l->loaded == loaded) return l;
	Library *l = calloc(1, sizeof(Library));
	if (!l) {
		snprintf(why, size, "no memory");
		return NULL;
	}
	const char *suffixes[] = {"_call", "_free", "_cancel"};
	void *functions[3];
	for (int i = 0; i < 3; i++) {
		char name[512];
		snprintf(name, sizeof name, "%s%s", prefix, suffixes[i]);
		functions[i] = dlsym(loaded, name);
		if (!functions[i]) {
			snprintf(why, size, "it has no function %s", name);
			free(l);
			return NULL;
		}
	}
	l->loaded = loaded, l->keep = keep_endpoint;
	memcpy(&l->call, &functions[0], sizeof functions[0]);
	memcpy(&l->release, &functions[1], sizeof functions[1]);
	memcpy(&l->cancel, &functions[2], sizeof functions[2]);
	memcpy(l->self, self, sizeof l->self);
	l->next = libraries, libraries = l;
	return l;
}

// open(path, prefix, keep, self) returns an object with the functions above for a library,
// with the name of this process, and base, from which on numbers are this thread's.
static Value open_library(Env env, Info info) {
	Value args[4], object = NULL, v = NULL;
	char path[4096], prefix[256], why[1024] = "";
	void *self = NULL, *into = NULL;
	size_t length = 0, path_length = 0, prefix_length = 0;
	arguments(env, info, 4, args);
	if (napi_get_value_string_utf8(env, args[0], path, sizeof path, &path_length) || napi_get_value_string_utf8(env, args[1], prefix, sizeof prefix, &prefix_length) ||
		path_length >= sizeof path - 1 || prefix_length >= sizeof prefix - 1)
		return throw_error(env, "a path that is too long");
	napi_get_arraybuffer_info(env, args[3], &self, &length);
	if (length != 16) return throw_error(env, "16 bytes are wanted for the name of the process");
	pthread_mutex_lock(&lock);
	Library *library = load(path, prefix, (int32_t)number(env, args[2]), self, why, sizeof why);
	double base = library ? ++opened * 4294967296.0 : 0;
	pthread_mutex_unlock(&lock);
	if (!library) return throw_error(env, why);
	Instance *in = calloc(1, sizeof(Instance));
	if (!in) return throw_error(env, "no memory");
	in->library = library;
	napi_create_object(env, &object);
	const struct {
		const char *name;
		Function function;
	} functions[] = {{"buffers", buffers}, {"call", call}, {"take", take}, {"start", start}, {"cancel", cancel}, {"hold", hold}, {"give", give}, {"keep", keep}};
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		napi_create_function(env, functions[i].name, strlen(functions[i].name), functions[i].function, in, &v);
		napi_set_named_property(env, object, functions[i].name, v);
	}
	napi_create_arraybuffer(env, sizeof library->self, &into, &v);
	memcpy(into, library->self, sizeof library->self);
	napi_set_named_property(env, object, "self", v);
	napi_create_double(env, base, &v);
	napi_set_named_property(env, object, "base", v);
	return object;
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return 8; }

// What is static here outlives the thread of JavaScript that loads it first, so the addon stays
// as the libraries do.
__attribute__((visibility("default"))) Value napi_register_module_v1(Env env, Value exports) {
	Dl_info where;
	if (dladdr((void *)napi_register_module_v1, &where)) dlopen(where.dli_fname, RTLD_NOW | RTLD_NODELETE);
	Value v = NULL;
	napi_create_function(env, "open", 4, open_library, NULL, &v);
	napi_set_named_property(env, exports, "open", v);
	return exports;
}
