/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Red-black trees: balanced binary search trees whose nodes live in the caller's objects. The
 * caller does the comparing (so that it costs no indirect call) and the locking:
 *
 *	struct rb_node **link = &root->rb_node, *parent = NULL;
 *
 *	while (*link) {
 *		parent = *link;
 *		link = key < entry(parent)->key ? &parent->left : &parent->right;
 *	}
 *	rb_insert(&e->node, parent, link, root);
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

struct rb_node {
	struct rb_node *parent, *left, *right;
	bool red;
};

struct rb_root {
	struct rb_node *rb_node;
};

#define rb_entry(p, type, member) container_of(p, type, member)

/* Put @node where @link of @parent (NULL: the root) says, and restore the balance. */
void rb_insert(struct rb_node *node, struct rb_node *parent, struct rb_node **link,
	       struct rb_root *root);
/* Take @node out. Its fields are undefined afterwards. */
void rb_erase(struct rb_node *node, struct rb_root *root);

/* In order; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/*
 * Check every rule of the tree: parents, no red node with a red child, as many black nodes on each
 * way down. Returns how many nodes there are, or -1 if a rule is broken. For tests.
 */
long rb_check(const struct rb_root *root);
