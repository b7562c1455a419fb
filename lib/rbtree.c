/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Red-black trees, after Cormen, Leiserson, Rivest and Stein, "Introduction to Algorithms", chapter
 * 13, with NULL in place of the sentinel: the parent of a missing node is carried along.
 *
 * The rules: the root is black; a red node has black children; every way from a node down to a
 * missing node passes as many black nodes. So no way is more than twice as long as another.
 */
#include <lib/rbtree.h>

static bool is_red(const struct rb_node *n)
{
	return n && n->red;
}

/* Let @new stand where @old stands below its parent. */
static void replace_child(struct rb_node *old, struct rb_node *new, struct rb_node *parent,
			  struct rb_root *root)
{
	if (!parent)
		root->rb_node = new;
	else if (parent->left == old)
		parent->left = new;
	else
		parent->right = new;
	if (new)
		new->parent = parent;
}

/* @n goes down to the left, its right child takes its place. */
static void rotate_left(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *up = n->right;

	replace_child(n, up, n->parent, root);
	n->right = up->left;
	if (n->right)
		n->right->parent = n;
	up->left = n;
	n->parent = up;
}

static void rotate_right(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *up = n->left;

	replace_child(n, up, n->parent, root);
	n->left = up->right;
	if (n->left)
		n->left->parent = n;
	up->right = n;
	n->parent = up;
}

void rb_insert(struct rb_node *node, struct rb_node *parent, struct rb_node **link,
	       struct rb_root *root)
{
	node->parent = parent;
	node->left = NULL;
	node->right = NULL;
	node->red = true;
	*link = node;

	/* Only one rule may be broken: @node and its parent are both red. */
	while (is_red(node->parent)) {
		struct rb_node *grand, *uncle;
		bool left;

		parent = node->parent;
		grand = parent->parent; /* exists: a red node is not the root */
		left = grand->left == parent;
		uncle = left ? grand->right : grand->left;
		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			grand->red = true;
			node = grand;
			continue;
		}
		if (node == (left ? parent->right : parent->left)) {
			/* Bring the inner grandchild to the outside. */
			if (left)
				rotate_left(parent, root);
			else
				rotate_right(parent, root);
			parent = node;
		}
		parent->red = false;
		grand->red = true;
		if (left)
			rotate_right(grand, root);
		else
			rotate_left(grand, root);
		break;
	}
	root->rb_node->red = false;
}

/* Ways through @node (may be NULL), below @parent, lack one black node: mend it. */
static void erase_rebalance(struct rb_node *node, struct rb_node *parent, struct rb_root *root)
{
	while (parent && !is_red(node)) {
		bool left = parent->left == node;
		struct rb_node *sibling = left ? parent->right : parent->left;
		struct rb_node *inner, *outer;

		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			if (left)
				rotate_left(parent, root);
			else
				rotate_right(parent, root);
			sibling = left ? parent->right : parent->left;
		}
		inner = left ? sibling->left : sibling->right;
		outer = left ? sibling->right : sibling->left;
		if (!is_red(inner) && !is_red(outer)) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			continue;
		}
		if (!is_red(outer)) {
			inner->red = false;
			sibling->red = true;
			if (left)
				rotate_right(sibling, root);
			else
				rotate_left(sibling, root);
			outer = sibling;
			sibling = inner;
		}
		sibling->red = parent->red;
		parent->red = false;
		outer->red = false;
		if (left)
			rotate_left(parent, root);
		else
			rotate_right(parent, root);
		return;
	}
	if (node)
		node->red = false;
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *child, *parent, *next;
	bool black;

	if (!node->left || !node->right) {
		child = node->left ? node->left : node->right;
		parent = node->parent;
		black = !node->red;
		replace_child(node, child, parent, root);
	} else {
		/* The next in order has no left child: it leaves its place for that of @node. */
		next = node->right;
		while (next->left)
			next = next->left;
		child = next->right;
		parent = next->parent == node ? next : next->parent;
		black = !next->red;
		if (parent != next) {
			replace_child(next, child, parent, root);
			next->right = node->right;
			next->right->parent = next;
		}
		replace_child(node, next, node->parent, root);
		next->left = node->left;
		next->left->parent = next;
		next->red = node->red;
	}
	if (black)
		erase_rebalance(child, parent, root);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->left)
		n = n->left;
	return n;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *n = node->right;

	if (n) {
		while (n->left)
			n = n->left;
		return n;
	}
	for (n = node->parent; n && n->right == node; n = n->parent)
		node = n;
	return n;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *n = node->left;

	if (n) {
		while (n->right)
			n = n->right;
		return n;
	}
	for (n = node->parent; n && n->left == node; n = n->parent)
		node = n;
	return n;
}

long rb_check(const struct rb_root *root)
{
	const struct rb_node *n, *up;
	long nodes = 0, black_depth = -1;

	if (is_red(root->rb_node) || (root->rb_node && root->rb_node->parent))
		return -1;
	for (n = rb_first(root); n; n = rb_next(n)) {
		long depth = 0;

		nodes++;
		if ((n->left && n->left->parent != n) || (n->right && n->right->parent != n))
			return -1;
		if (n->red && (is_red(n->left) || is_red(n->right)))
			return -1;
		if (n->left && n->right)
			continue;
		for (up = n; up; up = up->parent)
			depth += !up->red;
		if (black_depth >= 0 && depth != black_depth)
			return -1;
		black_depth = depth;
	}
	return nodes;
}
