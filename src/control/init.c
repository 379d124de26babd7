/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first policy. */
#include "control/init.h"

#include <ctype.h>
#include <string.h>

#include "base/protocol.h"

#define SSH_PORT 22
#define ENGINE_PROXY "docker-proxy"

enum iface_role {
	ROLE_NONE,   /* loopback, a container's, a bridge's port */
	ROLE_AUTO,   /* it has the default route */
	ROLE_ROUTED, /* this host seems to route for what is behind it */
	ROLE_OTHER,
};

bool init_is_ssh(const struct listener *listener)
{
	if (listener->protocol != PROTOCOL_TCP || ip_addr_is_loopback(&listener->addr))
		return false;
	/* socket activation: systemd itself holds the port; who serves 22 is SSH, whatever its name
	 */
	if (listener->port == SSH_PORT)
		return true;
	return listener->program &&
	       (str_eq(listener->program, "sshd") || str_eq(listener->program, "dropbear"));
}

static bool has_default_route(const struct facts *facts, const struct iface *iface)
{
	vec_each (&facts->routes, route) {
		if (!route->dest.len && str_eq(route->iface, iface->name))
			return true;
	}
	return false;
}

static enum iface_role role_of(const struct facts *facts, const struct iface *iface)
{
	bool forwards = facts->forwarding4 || facts->forwarding6;

	if (iface->kind == IFACE_LOOPBACK || iface->master ||
	    facts_network_of_iface(facts, iface->name) || str_starts(iface->name, "docker"))
		return ROLE_NONE;
	if (has_default_route(facts, iface))
		return ROLE_AUTO;
	/* With an engine forwarding is on anyway: a second card alone says nothing then. */
	if (forwards && (iface->kind == IFACE_TUNNEL || iface->kind == IFACE_BRIDGE ||
			 facts->engine.state == ENGINE_ABSENT))
		return ROLE_ROUTED;
	return iface->addrs.len ? ROLE_OTHER : ROLE_NONE;
}

static void iface_format(const char *name, struct str_buf *out)
{
	bool plain = isalpha((unsigned char)name[0]) != 0;

	for (const char *c = name; *c; c++)
		plain = plain && (isalnum((unsigned char)*c) || *c == '_');
	str_buf_addf(out, plain ? "%s" : "\"%s\"", name);
}

/* Adds "zone NAME = a, b" if there are such interfaces; returns whether there are. */
static bool zone_format(const struct facts *facts, enum iface_role role, const char *head,
			struct str_buf *out)
{
	bool any = false;

	vec_each (&facts->ifaces, iface) {
		if (role_of(facts, iface) != role)
			continue;
		str_buf_adds(out, any ? ", " : head);
		iface_format(iface->name, out);
		any = true;
	}
	if (any)
		str_buf_addc(out, '\n');
	return any;
}

static bool zones_format(const struct facts *facts, struct str_buf *out)
{
	bool routed;

	str_buf_adds(out, "# Every interface that no other zone claims is the Internet");
	str_buf_adds(out, ", containers are a zone by themselves.\n");
	(void)zone_format(facts, ROLE_AUTO, "# The default route leads through ", out);
	str_buf_adds(out, "zone internet = auto\n");
	routed = zone_format(facts, ROLE_ROUTED, "zone routed = ", out);
	(void)zone_format(facts, ROLE_OTHER, "# zone lan = ", out);
	str_buf_addc(out, '\n');
	return routed;
}

static bool listener_seen(const struct facts *facts, const struct listener *listener, bool ssh)
{
	for (const struct listener *l = facts->listeners.items; l < listener; l++) {
		if (l->port == listener->port && l->protocol == listener->protocol &&
		    !ip_addr_is_loopback(&l->addr) && init_is_ssh(l) == ssh)
			return true;
	}
	return false;
}

static bool ssh_format(const struct facts *facts, uint16_t ssh_port, struct str_buf *out)
{
	bool any = false;
	bool own_kept = ssh_port == 0;

	vec_each (&facts->listeners, listener) {
		if (!init_is_ssh(listener) || listener->container ||
		    listener_seen(facts, listener, true))
			continue;
		str_buf_addf(out, "    allow tcp %u # sshd\n", (unsigned)listener->port);
		own_kept = own_kept || listener->port == ssh_port;
		any = true;
	}
	if (own_kept)
		return any;
	str_buf_addf(out, "    allow tcp %u # your own connection\n", (unsigned)ssh_port);
	return true;
}

/* What a container or the engine holds is told in the section of the containers. */
static bool is_published(const struct facts *facts, const struct listener *listener)
{
	if (listener->container || (listener->program && str_eq(listener->program, ENGINE_PROXY)))
		return true;
	vec_each (&facts->engine.containers, container) {
		vec_each (&container->ports, port) {
			if (port->protocol == listener->protocol &&
			    port->host_port == listener->port)
				return true;
		}
	}
	return false;
}

static void host_format(const struct facts *facts, const char *from, uint16_t ssh_port,
			struct str_buf *out)
{
	str_buf_addf(out, "%s -> host {\n", from);
	if (!ssh_format(facts, ssh_port, out))
		str_buf_adds(out, "    # allow ssh\n");
	str_buf_adds(out, "    allow ping\n");
	vec_each (&facts->listeners, listener) {
		if (init_is_ssh(listener) || ip_addr_is_loopback(&listener->addr) ||
		    is_published(facts, listener) || listener_seen(facts, listener, false))
			continue;
		str_buf_addf(out, "    # allow %s %u", protocol_name(listener->protocol),
			     (unsigned)listener->port);
		if (listener->program) {
			str_buf_adds(out, " # ");
			str_buf_add_visible(out, listener->program, strlen(listener->program));
		}
		str_buf_addc(out, '\n');
	}
	str_buf_adds(out, "}\n\n");
}

static void container_format(const struct container *container, struct str_buf *out)
{
	if (container->project && container->service)
		str_buf_addf(out, "%s/%s", container->project, container->service);
	else
		str_buf_adds(out, container->name);
}

static void ports_format(const struct container *container, struct str_buf *out)
{
	for (uint32_t i = 0; i < container->ports.len; i++) {
		const struct port_binding *port = &container->ports.items[i];
		bool seen = ip_addr_is_loopback(&port->host_addr);

		for (uint32_t k = 0; k < i; k++) {
			const struct port_binding *before = &container->ports.items[k];

			seen = seen || (before->protocol == port->protocol &&
					before->host_port == port->host_port &&
					!ip_addr_is_loopback(&before->host_addr));
		}
		if (seen)
			continue;
		str_buf_addf(out, "    # allow %s %u to ", protocol_name(port->protocol),
			     (unsigned)port->host_port);
		container_format(container, out);
		str_buf_addc(out, '\n');
	}
}

static void host_network_format(const struct facts *facts, const struct container *container,
				struct str_buf *out)
{
	vec_each (&facts->listeners, listener) {
		if (!listener->container || !str_eq(listener->container, container->id) ||
		    ip_addr_is_loopback(&listener->addr) || listener_seen(facts, listener, false))
			continue;
		str_buf_addf(out, "    # allow %s %u to ", protocol_name(listener->protocol),
			     (unsigned)listener->port);
		container_format(container, out);
		str_buf_addc(out, '\n');
	}
}

static void containers_format(const struct facts *facts, const char *from, struct str_buf *out)
{
	str_buf_addf(out, "%s -> containers {\n", from);
	vec_each (&facts->engine.containers, container) {
		ports_format(container, out);
		if (container->host_network)
			host_network_format(facts, container, out);
	}
	str_buf_adds(out, "}\n\n");
}

void init_policy(const struct facts *facts, uint16_t ssh_port, struct str_buf *out)
{
	const char *from = "internet";

	str_buf_adds(out, "# wharfwall: what no sentence allows is refused; see "
			  "wharfwall-policy(5).\n\n");
	if (zones_format(facts, out))
		from = "internet, routed";
	host_format(facts, from, ssh_port, out);
	containers_format(facts, from, out);
	str_buf_adds(out, "containers -> internet {\n    allow\n}\n\n"
			  "containers -> host {\n    allow dns\n}\n\n"
			  "host -> internet {\n    allow\n}\n");
	if (str_eq(from, "internet"))
		return;
	str_buf_adds(out, "\n# This host routes for what is behind these interfaces (VPN, virtual "
			  "machines).\n"
			  "routed -> internet, routed {\n    allow\n}\n\n"
			  "routed -> host {\n    allow dns\n    allow udp 67 # DHCP\n}\n\n"
			  "host, containers -> routed {\n    allow\n}\n\n"
			  "# internet -> routed {\n#     allow\n# }\n");
}
