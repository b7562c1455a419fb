/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names by which device trees call the devices (Linux, Documentation/devicetree/bindings/
 * serial, and the trees of its boards), and how registers lie where the tree does not say.
 */
#include <string.h>

#include "model.h"

static const struct {
	const struct model *like; /* whose driver it is */
	u8 width, shift;
	const char *names[16];
} families[] = {
	{ &m_16550,
	  1,
	  0,
	  { "ns8250", "ns16450", "ns16550", "ns16550a", "ns16750", "ns16850", "nvidia,tegra20-uart",
	    "nxp,lpc3220-uart", "ti,da830-uart", "altr,16550-FIFO32", "altr,16550-FIFO64",
	    "altr,16550-FIFO128", "andestech,uart16550", "opencores,uart16550-rtlsvn105" } },
	{ &m_dw, 1, 2, { "snps,dw-apb-uart", "marvell,armada-38x-uart", "renesas,rzn1-uart" } },
	{ &m_omap,
	  1,
	  2,
	  { "ti,am3352-uart", "ti,am4372-uart", "ti,am654-uart", "ti,dra742-uart", "ti,omap2-uart",
	    "ti,omap3-uart", "ti,omap4-uart" } },
	{ &m_pxa,
	  1,
	  2,
	  { "intel,xscale-uart", "mrvl,mmp-uart", "mrvl,pxa-uart", "spacemit,k1-uart" } },
	{ &m_mediatek, 1, 2, { "mediatek,mt6577-uart" } },
	{ &m_pl011, 4, 0, { "arm,pl011" } },
	{ &m_sbsa, 4, 0, { "arm,sbsa-uart" } },
	{ &m_aux, 4, 0, { "brcm,bcm2835-aux-uart" } },
	{ &m_meson,
	  4,
	  0,
	  { "amlogic,meson-uart", "amlogic,meson-a1-uart", "amlogic,meson-ao-uart",
	    "amlogic,meson-g12a-uart", "amlogic,meson-gx-uart", "amlogic,meson-s4-uart",
	    "amlogic,meson6-uart", "amlogic,meson8-uart", "amlogic,meson8b-uart" } },
	{ &m_imx,
	  4,
	  0,
	  { "fsl,imx21-uart", "fsl,imx53-uart", "fsl,imx6q-uart", "fsl,imx8mm-uart",
	    "fsl,imx8mn-uart", "fsl,imx8mp-uart", "fsl,imx8mq-uart" } },
	{ &m_sifive, 4, 0, { "sifive,uart0", "sifive,fu540-c000-uart", "sifive,fu740-c000-uart" } },
	{ &m_cadence,
	  4,
	  0,
	  { "cdns,uart-r1p12", "cdns,uart-r1p8", "xlnx,xuartps", "xlnx,zynqmp-uart" } },
	{ &m_geni, 4, 0, { "qcom,geni-debug-uart", "qcom,geni-uart" } },
	{ &m_mvebu, 4, 0, { "marvell,armada-3700-uart" } },
	{ &m_mvebu_ext, 4, 0, { "marvell,armada-3700-uart-ext" } },
	{ &m_lpuart, 4, 0, { "fsl,ls1028a-lpuart" } },
	{ &m_lpuart_imx,
	  4,
	  0,
	  { "fsl,imx7ulp-lpuart", "fsl,imx8qxp-lpuart", "fsl,imx8ulp-lpuart",
	    "fsl,imx93-lpuart" } },
	{ &m_samsung,
	  4,
	  0,
	  { "samsung,exynos4210-uart", "samsung,exynos5433-uart", "samsung,exynos850-uart",
	    "apple,s5l-uart", "axis,artpec8-uart", "google,gs101-uart", "tesla,fsd-uart" } },
};

static const struct uart_driver *driver_of(const char *name)
{
	return uart_driver_find(name, strlen(name), false);
}

static unsigned int count_names(const struct uart_driver *d)
{
	unsigned int n = 0;

	while (n < UART_NAMES_MAX && d->compatible[n])
		n++;
	return n;
}

void test_names(void)
{
	unsigned int nr = 0, all = 0;
	const struct uart_driver *d;
	struct uart u;

	for (unsigned int i = 0; i < ARRAY_SIZE(families); i++)
		for (const char *const *name = families[i].names; *name; name++, nr++) {
			d = driver_of(*name);
			if (!d || d != driver_of(families[i].like->compatible))
				fail("%s has another driver", *name);
			uart_init(&u, d);
			if (u.width != families[i].width || u.shift != families[i].shift)
				fail("%s: %u bytes, shift %u", *name, u.width, u.shift);
		}
	for_each_uart_driver(d)
		all += count_names(d);
	if (all != nr)
		fail("the drivers have %u names, of which %u are known here", all, nr);
}
