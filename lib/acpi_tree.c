/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An Arm machine that ACPI describes, as a device tree: the nodes and properties that the port
 * looks for, in Linux's bindings (Documentation/devicetree/bindings/).
 */
#include <lib/acpi_arm.h>
#include <lib/fdt_write.h>
#include <lib/format.h>
#include <lib/string.h>

#define PHANDLE_GIC 1

/* The sizes of what ACPI gives only the address of: a GIC's distributor and CPU interface. */
#define GIC_V2_SIZE	0x1000
#define GIC_V2_CPU_SIZE 0x2000
#define GIC_V3_SIZE	0x10000
#define UART_SIZE	0x1000
#define WATCHDOG_SIZE	0x1000

/* arm,gic.yaml: a private interrupt, and how it is signalled. */
#define GIC_SHARED	0
#define GIC_PRIVATE	1
#define GIC_FIRST_PPI	16
#define GIC_FIRST_SPI	32
#define GIC_EDGE_RISING 1
#define GIC_EDGE_FALL	2
#define GIC_LEVEL_HIGH	4
#define GIC_LEVEL_LOW	8

static const struct {
	u16 type;
	const char *compatible;
} serial_names[] = {
	{ ACPI_SERIAL_16550, "ns16550a" },
	{ ACPI_SERIAL_16450, "ns16550a" },
	{ ACPI_SERIAL_16550_GAS, "ns16550a" },
	{ ACPI_SERIAL_PL011, "arm,pl011" },
	{ ACPI_SERIAL_SBSA_32, "arm,sbsa-uart" },
	{ ACPI_SERIAL_SBSA, "arm,sbsa-uart" },
	{ ACPI_SERIAL_BCM2835, "brcm,bcm2835-aux-uart" },
};

static const char *serial_name(const struct acpi_serial *s)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(serial_names); i++)
		if (serial_names[i].type == s->type)
			return serial_names[i].compatible;
	return NULL;
}

static bool has_console(const struct acpi_serial *s)
{
	return s->addr && !s->io_port && serial_name(s);
}

static void write_chosen(struct fdt_writer *w, const struct acpi_serial *s)
{
	char path[48];

	fdt_write_node(w, "chosen");
	if (has_console(s)) {
		snprintf(path, sizeof(path), "/serial@%llx", (unsigned long long)s->addr);
		fdt_write_string(w, "stdout-path", path);
	}
	fdt_write_end(w);
}

static void write_serial(struct fdt_writer *w, const struct acpi_serial *s)
{
	u64 reg[] = { s->addr, UART_SIZE };

	if (!has_console(s))
		return;
	fdt_write_node_at(w, "serial", s->addr);
	fdt_write_string(w, "compatible", serial_name(s));
	fdt_write_u64s(w, "reg", reg, 2);
	if (acpi_serial_is_16550(s)) {
		fdt_write_u32(w, "reg-io-width", s->width);
		fdt_write_u32(w, "reg-shift", s->width / 2); /* 1, 2, 4 bytes apart */
	}
	if (s->baud)
		fdt_write_u32(w, "current-speed", s->baud);
	if (s->clock_hz)
		fdt_write_u32(w, "clock-frequency", s->clock_hz);
	fdt_write_end(w);
}

static void write_psci(struct fdt_writer *w, const struct acpi_arm *info)
{
	if (!info->psci)
		return;
	fdt_write_node(w, "psci");
	fdt_write_string(w, "compatible", "arm,psci-0.2");
	fdt_write_string(w, "method", info->psci_by_hvc ? "hvc" : "smc");
	fdt_write_end(w);
}

/*
 * PSCI before the parking protocol where there are both: firmware that starts CPUs by the former
 * has not parked them. The mailbox is told as a spin table's word is (Linux, arm/cpus.yaml).
 */
static void write_method(struct fdt_writer *w, const struct acpi_arm *info,
			 const struct acpi_arm_cpu *cpu)
{
	if (info->psci) {
		fdt_write_string(w, "enable-method", "psci");
	} else if (cpu->mailbox) {
		fdt_write_string(w, "enable-method", "parking-protocol");
		fdt_write_u64s(w, "cpu-release-addr", &cpu->mailbox, 1);
	}
}

static void write_cpus(struct fdt_writer *w, const struct acpi_arm *info)
{
	fdt_write_node(w, "cpus");
	fdt_write_u32(w, "#address-cells", 2);
	fdt_write_u32(w, "#size-cells", 0);
	for (unsigned int i = 0; i < info->nr_cpus; i++) {
		const struct acpi_arm_cpu *cpu = info->cpu + i;

		fdt_write_node_at(w, "cpu", cpu->mpidr);
		fdt_write_string(w, "device_type", "cpu");
		fdt_write_u64s(w, "reg", &cpu->mpidr, 1);
		write_method(w, info, cpu);
		fdt_write_end(w);
	}
	fdt_write_end(w);
}

static void write_gic(struct fdt_writer *w, const struct acpi_arm *info)
{
	u64 reg[2 + 2 * ACPI_ARM_REDISTS_MAX] = { info->distributor, GIC_V2_SIZE,
						  info->cpu_interface, GIC_V2_CPU_SIZE };
	u32 n = 4;

	fdt_write_node_at(w, "interrupt-controller", info->distributor);
	if (info->gic == 3) {
		reg[1] = GIC_V3_SIZE;
		memcpy(reg + 2, info->redist, sizeof(info->redist));
		n = 2 + 2 * info->nr_redists;
		fdt_write_string(w, "compatible", "arm,gic-v3");
		fdt_write_u32(w, "#redistributor-regions", info->nr_redists);
	} else {
		fdt_write_string(w, "compatible", "arm,cortex-a15-gic");
	}
	fdt_write_u64s(w, "reg", reg, n);
	fdt_write_u32(w, "#interrupt-cells", 3);
	fdt_write_u32(w, "phandle", PHANDLE_GIC);
	fdt_write_end(w);
}

/* Kind, number, flags. */
static void timer_cells(const struct acpi_arm_irq *irq, u32 *cells)
{
	bool private = irq->gsiv < GIC_FIRST_SPI;

	cells[0] = private ? GIC_PRIVATE : GIC_SHARED;
	cells[1] = irq->gsiv - (private ? GIC_FIRST_PPI : GIC_FIRST_SPI);
	if (irq->edge)
		cells[2] = irq->low ? GIC_EDGE_FALL : GIC_EDGE_RISING;
	else
		cells[2] = irq->low ? GIC_LEVEL_LOW : GIC_LEVEL_HIGH;
}

/*
 * Interrupts are known by their places: the list ends where the one that the port prefers would
 * stand, if that is missing, and with it what needs none behind.
 */
static void write_timer(struct fdt_writer *w, const struct acpi_arm *info)
{
	u32 cells[3 * ACPI_ARM_TIMERS], n = 0;

	for (; n < ACPI_ARM_TIMERS && (n < ACPI_ARM_VIRTUAL || info->timer[n].gsiv); n++)
		timer_cells(info->timer + n, cells + 3 * n);
	if (!info->timer[ACPI_ARM_VIRTUAL].gsiv && !info->timer[ACPI_ARM_PHYSICAL].gsiv)
		return;
	fdt_write_node(w, "timer");
	fdt_write_string(w, "compatible", "arm,armv8-timer");
	fdt_write_cells(w, "interrupts", cells, 3 * n);
	fdt_write_end(w);
}

/* arm,sbsa-gwdt.yaml: the control frame first. */
static void write_watchdog(struct fdt_writer *w, const struct acpi_arm *info)
{
	u64 reg[] = { info->watchdog_control, WATCHDOG_SIZE, info->watchdog_refresh,
		      WATCHDOG_SIZE };

	if (!info->watchdog_control || !info->watchdog_refresh)
		return;
	fdt_write_node_at(w, "watchdog", info->watchdog_control);
	fdt_write_string(w, "compatible", "arm,sbsa-gwdt");
	fdt_write_u64s(w, "reg", reg, 4);
	fdt_write_end(w);
}

int acpi_arm_tree(const struct acpi_arm *info, void *blob, u32 size)
{
	struct fdt_writer w;

	fdt_write_begin(&w, blob, size);
	fdt_write_u32(&w, "#address-cells", 2);
	fdt_write_u32(&w, "#size-cells", 2);
	fdt_write_u32(&w, "interrupt-parent", PHANDLE_GIC);
	fdt_write_string(&w, "model", info->model);
	write_chosen(&w, &info->console);
	write_psci(&w, info);
	write_cpus(&w, info);
	write_gic(&w, info);
	write_timer(&w, info);
	write_serial(&w, &info->console);
	write_watchdog(&w, info);
	return fdt_write_finish(&w);
}
