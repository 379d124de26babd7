/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in for a policy that cannot be loaded. */
#include "control/boot.h"

#include "control/apply.h"
#include "control/sshd.h"
#include "control/state.h"

static int last_load(const struct control_options *options, struct control_load *load,
		     struct boot_result *ret)
{
	struct control_snapshot snapshot = {0};
	uint32_t changes = 0;
	int r = state_read(load->arena, options->state_dir, &snapshot, NULL);

	if (r >= 0)
		r = control_load_snapshot(options, &snapshot, load, NULL);
	if (r >= 0)
		r = apply_table(load, &changes, NULL);
	if (r < 0)
		return r;
	ret->state = BOOT_LAST;
	ret->policy = snapshot.policy;
	ret->applied = snapshot.applied;
	return 0;
}

static int lockdown_load(const struct control_options *options, struct control_load *load,
			 struct boot_result *ret, struct err *err)
{
	struct port_list ports = {0};

	ret->state = BOOT_LOCKDOWN;
	sshd_ports(load->arena, &load->facts, &ports);
	return apply_lockdown(options, load->arena, ports.items.items, ports.items.len, err);
}

int boot_fall_back(const struct control_options *options, struct control_load *load,
		   struct boot_result *ret, struct err *err)
{
	bool is_loaded = false;

	if (last_load(options, load, ret) >= 0)
		return 0;
	if (apply_is_loaded(load->arena, &is_loaded, NULL) >= 0 && is_loaded) {
		ret->state = BOOT_STAYS;
		return 0;
	}
	return lockdown_load(options, load, ret, err);
}
