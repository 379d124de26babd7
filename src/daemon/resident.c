/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives memory back that only the start has needed. */
#include "daemon/resident.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Only what was never writable: such a page is as it is in its file.  What the linker has written
 * and made read-only later lies in a writable segment.
 */
static int object_trim(struct dl_phdr_info *info, size_t size, void *data)
{
	const uintptr_t page = *(const uintptr_t *)data;

	(void)size;
	if (info->dlpi_name[0] && info->dlpi_name[0] != '/')
		return 0; /* the kernel's own */
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = (info->dlpi_addr + segment->p_vaddr) & ~(page - 1);
		uintptr_t end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W))
			continue;
		/* a kernel that does not want to loses nothing */
		(void)madvise((void *)start, end - start,
			      MADV_DONTNEED); // NOLINT(performance-no-int-to-ptr)
	}
	return 0;
}

void resident_trim(void)
{
	long page = sysconf(_SC_PAGESIZE);
	uintptr_t size = (uintptr_t)page;

	if (page > 0)
		(void)dl_iterate_phdr(object_trim, &size);
	(void)malloc_trim(0);
}
