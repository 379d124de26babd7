/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds libcurl's functions at run time. */
#include "engine/curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

/* One interface under two names: Debian builds it with either TLS library, we use none. */
static const char *const library_names[] = {"libcurl-gnutls.so.4", "libcurl.so.4"};

struct curl_symbol {
	const char *name;
	size_t offset; /* in struct curl_calls */
};

static const struct curl_symbol symbols[] = {
	{"curl_global_init", offsetof(struct curl_calls, global_init)},
	{"curl_easy_init", offsetof(struct curl_calls, easy_init)},
	{"curl_easy_setopt", offsetof(struct curl_calls, easy_setopt)},
	{"curl_easy_getinfo", offsetof(struct curl_calls, easy_getinfo)},
	{"curl_easy_perform", offsetof(struct curl_calls, easy_perform)},
	{"curl_easy_cleanup", offsetof(struct curl_calls, easy_cleanup)},
	{"curl_easy_strerror", offsetof(struct curl_calls, easy_strerror)},
	{"curl_multi_init", offsetof(struct curl_calls, multi_init)},
	{"curl_multi_setopt", offsetof(struct curl_calls, multi_setopt)},
	{"curl_multi_add_handle", offsetof(struct curl_calls, multi_add_handle)},
	{"curl_multi_remove_handle", offsetof(struct curl_calls, multi_remove_handle)},
	{"curl_multi_socket_action", offsetof(struct curl_calls, multi_socket_action)},
	{"curl_multi_timeout", offsetof(struct curl_calls, multi_timeout)},
	{"curl_multi_info_read", offsetof(struct curl_calls, multi_info_read)},
	{"curl_multi_cleanup", offsetof(struct curl_calls, multi_cleanup)},
};

int curl_calls_load(struct curl_calls *ret, struct err *err)
{
	struct curl_calls calls = {0};
	void *library = NULL;

	for (size_t i = 0; !library && i < sizeof(library_names) / sizeof(library_names[0]); i++)
		library = dlopen(library_names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return err_set(err, -ENOENT,
			       "libcurl is not installed: apt install libcurl3-gnutls");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *found = dlsym(library, symbols[i].name);

		if (!found)
			return err_set(err, -ENOSYS, "this libcurl has no %s()", symbols[i].name);
		/* POSIX wants a function to fit into a void pointer */
		*(void **)(void *)((char *)&calls + symbols[i].offset) = found;
	}
	*ret = calls;
	return 0;
}
