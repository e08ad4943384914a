/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Put into copies of pages by report.sh: looks at what a browser made of one and tells its complaints to the
 * console. */
"use strict";
const complaints = [];
const complain = (what, of) => complaints.push(what + ": " + of);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const text = (node) => node.textContent.trim().replace(/\s+/g, " ").slice(0, 60);
const tag = (node) => node.tagName.toLowerCase() + (node.id && "#" + node.id) + " '" + text(node) + "'";

function rgba(colour) {
	const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
	return [r, g, b, a];
}

/* As WCAG 2 has them. */
function luminance(colour) {
	const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
	const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (high + 0.05) / (low + 0.05);
}

function paper(node) {
	for (; node; node = node.parentElement) {
		const bar = node.closest("svg.flame") && node.parentElement.querySelector(":scope > rect");
		if (bar)
			return rgba(getComputedStyle(bar).fill);
		const colour = rgba(getComputedStyle(node).backgroundColor);
		if (colour[3] === 1)
			return colour;
	}
	return [255, 255, 255, 1];
}

function look_at_text() {
	let least = Infinity;
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const of = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || of.closest("script, style, title, desc") || !of.getClientRects().length)
			continue;
		const style = getComputedStyle(of);
		const ratio = contrast(rgba(of.closest("svg") ? style.fill : style.color), paper(of));
		least = Math.min(least, ratio);
		if (!(ratio >= 4.5))
			complain("contrast of " + ratio.toFixed(2), tag(of));
		if (parseFloat(style.fontSize) < 9 && !of.closest("svg"))
			complain("letters of " + style.fontSize, tag(of));
	}
	return least;
}

/* Lines and marks need less; a key has the colour of its series. */
function look_at_keys() {
	for (const key of all(".key"))
		if (!(contrast(rgba(getComputedStyle(key).color), paper(key)) >= 3))
			complain("contrast of a line", text(key.parentElement));
}

function look_at_pictures() {
	for (const svg of all("svg:not([aria-hidden])")) {
		const name = (svg.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id));
		if (svg.getAttribute("role") !== "img" || name.length !== 2 || !name.every((node) => node && text(node)))
			complain("a picture without a name", tag(svg));
		const box = svg.getBoundingClientRect();
		const labels = all("text", svg).filter(text).map((node) => [node, node.getBoundingClientRect()]);
		for (const [node, at] of labels)
			if (at.left < box.left - 1 || at.right > box.right + 1 || at.top < box.top - 1 || at.bottom > box.bottom + 1)
				complain("cut off in " + name[0].textContent, tag(node));
		labels.forEach(([node, a], i) => labels.slice(i + 1).forEach(([other, b]) => {
			if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
			    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
				complain("one over the other in " + name[0].textContent, tag(node) + " " + tag(other));
		}));
	}
}

function look_at_structure() {
	let level = 0;
	for (const head of all("h1, h2, h3, h4, h5, h6")) {
		if (head.tagName[1] > level + 1)
			complain("a level of headings is left out before", tag(head));
		level = Number(head.tagName[1]);
		if (!text(head))
			complain("an empty heading", tag(head.parentElement));
	}
	for (const one of ["h1", "body > header", "nav[aria-label]", "body > main", "body > footer"])
		if (all(one).length !== 1)
			complain("not one of", one);
	for (const section of all("section, aside"))
		if (!document.getElementById(section.getAttribute("aria-labelledby")))
			complain("a section without a name", tag(section));
	for (const section of all("section"))
		if (section.children.length < 2)
			complain("an empty section", tag(section));
	for (const link of all("a"))
		if (!document.getElementById(link.hash.slice(1)))
			complain("a link to nowhere", tag(link));
}

function look_at_tables() {
	for (const table of all("table")) {
		const caption = table.caption;
		if (!caption || !text(caption))
			complain("a table without a caption", tag(table));
		if (all("th:not([scope])", table).length || !all("thead th[scope=col]", table).length)
			complain("a table without scopes", tag(table));
		const heads = all("thead th", table).map(text);
		if (new Set(heads).size !== heads.length || heads.includes(""))
			complain("heads that cannot be told apart", heads.join(" | "));
		for (const row of table.rows)
			if (row.cells.length !== heads.length || (row.parentElement.tagName === "TBODY" && row.cells[0].scope !== "row"))
				complain("a row out of line", tag(row));
	}
}

/* What can be reached by keyboard has a name, and shows when it is reached; what scrolls can be reached. */
function look_at_keyboard() {
	for (const node of all("a, summary, [tabindex]:not([tabindex='-1'])").filter((one) => one.getClientRects().length)) {
		if (!(node.getAttribute("aria-label") || text(node)) || (node.tabIndex === 0 && node.hasAttribute("tabindex") &&
		    !node.getAttribute("role")))
			complain("reached by keyboard, without a name or role", tag(node));
		node.focus();
		const style = getComputedStyle(node);
		if (document.activeElement !== node || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)
			complain("no ring round what is in focus", tag(node));
	}
	document.activeElement.blur();
	for (const node of all("body *"))
		if (/auto|scroll/.test(getComputedStyle(node).overflowX + getComputedStyle(node).overflowY) &&
		    (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1) && node.tabIndex !== 0)
			complain("scrolls, but not by keyboard", tag(node));
	if (document.documentElement.scrollWidth > innerWidth)
		complain("the page scrolls sideways", document.documentElement.scrollWidth + " of " + innerWidth);
}

function look_at_motion() {
	if (document.getAnimations().length)
		complain("something moves", document.getAnimations().length);
	for (const node of all("*")) {
		const style = getComputedStyle(node);
		if (style.animationName !== "none" || parseFloat(style.transitionDuration) > 0 || style.scrollBehavior === "smooth")
			complain("may move", tag(node));
	}
}

try {
	all("details").forEach((node) => (node.open = true));
	const least = look_at_text();
	look_at_keys();
	look_at_pictures();
	look_at_structure();
	look_at_tables();
	look_at_keyboard();
	look_at_motion();
	complaints.push("looked at sections " + all("section").map((node) => node.id).join(" ") + ", pictures " +
		all("svg[role=img]").length + ", least contrast " + least.toFixed(1));
} catch (error) {
	complaints.push("broke: " + error.stack);
}
for (const line of complaints)
	console.log("FOUND " + line);
