"use strict";
// Folding, filters, and what hovers over a cell. Without it the page is there, all unfolded.
(() => {
	const $ = (selector, under = document) => [...under.querySelectorAll(selector)];
	const body = document.body;
	const tip = document.getElementById("tip");

	const fold = (button, open) => {
		button.setAttribute("aria-expanded", open);
		for (const row of $("tr.test", button.closest("tbody")))
			row.hidden = !open;
	};

	const shown = row => getComputedStyle(row).display !== "none";

	// A filter, or a word looked for, unfolds what it leaves; families without any go away.
	const apply = () => {
		const word = document.getElementById("find").value.trim().toLowerCase();
		const all = !word && body.dataset.filter === "all";
		let left = 0;
		for (const row of $("tr.test"))
			row.classList.toggle("unlike", !row.dataset.name.toLowerCase().includes(word));
		for (const family of $("tbody.family")) {
			fold(family.querySelector(".fold"), !all);
			family.hidden = false;
			const some = $("tr.test", family).filter(shown).length;
			family.hidden = !all && !some;
			left += some;
		}
		document.getElementById("left").textContent = all ? "" : left + " tests";
	};

	const show = cell => {
		const from = document.getElementById(cell.dataset.r);
		if (!from)
			return;
		const copy = from.cloneNode(true);
		copy.removeAttribute("id");
		tip.replaceChildren(copy);
		tip.hidden = false;
		const at = cell.getBoundingClientRect();
		const wide = document.documentElement.clientWidth;
		const below = at.bottom + tip.offsetHeight + 8 < innerHeight;
		tip.style.left = scrollX + Math.max(4, Math.min(at.left, wide - tip.offsetWidth - 8)) + "px";
		tip.style.top = scrollY + (below ? at.bottom + 6 : Math.max(4, at.top - tip.offsetHeight - 6)) + "px";
	};

	// The instructions stand in the page once for each body; a test's page gets copies.
	const fill = () => {
		tip.hidden = true;
		const page = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
		if (!page)
			return;
		for (const place of $("[data-code]", page)) {
			const code = document.getElementById(place.dataset.code);
			if (code && !place.childElementCount)
				place.append(code.content.cloneNode(true));
		}
	};

	for (const button of $(".fold")) {
		fold(button, false);
		button.addEventListener("click", () =>
			fold(button, button.getAttribute("aria-expanded") !== "true"));
	}
	for (const button of $("button[data-filter]"))
		button.addEventListener("click", () => {
			body.dataset.filter = button.dataset.filter;
			for (const other of $("button[data-filter]"))
				other.setAttribute("aria-pressed", other === button);
			apply();
		});
	const find = document.getElementById("find");
	if (find)
		find.addEventListener("input", apply);
	for (const name of ["pointerover", "focusin"])
		document.addEventListener(name, event => {
			const cell = event.target.closest && event.target.closest("[data-r]");
			cell ? show(cell) : tip.hidden = true;
		});
	document.addEventListener("keydown", event => {
		if (event.key !== "Escape")
			return;
		if (!tip.hidden)
			tip.hidden = true;
		else if (location.hash.startsWith("#t"))
			location.hash = "#matrix";
	});
	addEventListener("hashchange", fill);
	fill();
	document.documentElement.dataset.ready = "1";
})();
