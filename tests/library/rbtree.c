/* SPDX-License-Identifier: GPL-2.0-only */
/* Red-black trees: random insertions and removals, every rule checked after each. */
#include <lib/rbtree.h>
#include <test/test.h>

#define NR_KEYS 300
#define ROUNDS	6000

struct key {
	struct rb_node node;
	bool in;
};
static struct key keys[NR_KEYS];

static void key_insert(struct rb_root *root, struct key *k)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = k < rb_entry(parent, struct key, node) ? &parent->left : &parent->right;
	}
	rb_insert(&k->node, parent, link, root);
}

/* In order, and both ways alike? */
static bool order_ok(const struct rb_root *root)
{
	struct rb_node *node, *before = NULL;

	for (node = rb_first(root); node; node = rb_next(node)) {
		if (rb_prev(node) != before || (before && before >= node))
			return false;
		before = node;
	}
	return true;
}

static void test_rbtree(struct test *t)
{
	struct rb_root root = { NULL };
	long count = 0;

	for (unsigned int i = 0; i < NR_KEYS; i++)
		keys[i].in = false;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* Few keys at first: small trees have every special case. */
		struct key *k = &keys[rng_below(&t->rng, 1 + i * NR_KEYS / ROUNDS)];

		if (k->in)
			rb_erase(&k->node, &root);
		else
			key_insert(&root, k);
		count += k->in ? -1 : 1;
		k->in = !k->in;
		if (!EXPECT_MSG(t, rb_check(&root) == count && order_ok(&root), "step %u of %ld", i,
				count))
			return;
	}
}
TEST(lib, rbtree, TEST_ASSERT, test_rbtree);

/* Seven nodes, two black above four; what is below the root's right is broken and mended again. */
static void test_rbtree_check(struct test *t)
{
	struct rb_root root = { NULL };
	struct rb_node *node, *leaf, other = { 0 };

	for (unsigned int i = 0; i < 7; i++)
		key_insert(&root, &keys[i]);
	node = root.rb_node->right;
	EXPECT(t, rb_check(&root) == 7 && node && node->left && node->right);
	leaf = node->right;
	while (leaf->right)
		leaf = leaf->right;
	leaf->red = !leaf->red;
	EXPECT(t, rb_check(&root) == -1);
	leaf->red = !leaf->red;
	root.rb_node->red = true;
	EXPECT(t, rb_check(&root) == -1);
	root.rb_node->red = false;
	leaf->parent->right = &other;
	other.parent = leaf->parent;
	other.right = leaf; /* which knows nothing of it */
	EXPECT(t, rb_check(&root) == -1);
	leaf->parent->right = leaf;
	EXPECT(t, rb_check(&root) == 7);
	for (node = rb_first(&root); node; node = rb_next(node)) {
		if (!node->red || !node->parent)
			continue;
		node->parent->red = !node->parent->red;
		EXPECT(t, rb_check(&root) == -1);
		node->parent->red = !node->parent->red;
	}
	EXPECT(t, rb_check(&root) == 7);
}
TEST(lib, rbtree_check, TEST_ASSERT, test_rbtree_check);
