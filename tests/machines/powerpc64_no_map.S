/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware's device tree with two more nodes in /reserved-memory, of 64 KiB and of several
 * megabytes, that must not be mapped: skiboot itself marks none under QEMU. The tree that it makes
 * is at r3; a copy with the nodes in it goes to memory that it does not use. The image stands where
 * QEMU puts an initial RAM disk.
 */
#define IMAGE_HIGH 0x2800
#define TREE_HIGH  0x4800
#define NODE	   64		/* bytes of a node below */
#define REG_NAME   28		/* where in a node "reg" and "no-map" are named */
#define MARK_NAME  56

/* Words from [@from, @end) to @to, both of which are behind them then. */
.macro	copy_words from, end, to
1:	lwz	0, 0(\from)
	stw	0, 0(\to)
	addi	\from, \from, 4
	addi	\to, \to, 4
	cmpd	\from, \end
	blt	1b
.endm

	.text
	mr	28, 3
	lwz	20, 8(28)		/* off_dt_struct */
	add	20, 20, 28
	lis	22, 0x7265		/* "rese" */
	ori	22, 22, 0x7365
1:	lwzu	23, 4(20)
	cmpw	23, 22
	bne	1b
	lwz	23, -4(20)		/* a node of that name, not a property of it */
	cmpwi	23, 1
	bne	1b
	addi	20, 20, 16		/* behind "reserved-memory": its properties, then nodes */
2:	lwz	23, 0(20)
	cmpwi	23, 3
	bne	3f
	lwz	23, 4(20)
	addi	23, 23, 12 + 3
	clrrdi	23, 23, 2
	add	20, 20, 23
	b	2b

3:	lis	29, TREE_HIGH
	mr	24, 28
	mr	25, 29
	copy_words 24, 20, 25
	mr	21, 25			/* the first of ours */
	bl	4f
nodes:	.long	1			/* BEGIN_NODE */
	.asciz	"secure@10000000"
	.long	3, 16, 0, 0, 0x10000000, 0, 0x10000
	.long	3, 0, 0
	.long	2			/* END_NODE */
	.long	1
	.asciz	"secure@14300000"
	.long	3, 16, 0, 0, 0x14300000, 0, 0x530000
	.long	3, 0, 0
	.long	2
names:	.asciz	"reg"
	.asciz	"no-map"
	.byte	0
4:	mflr	26
	addi	27, 26, names - nodes
	copy_words 26, 27, 25
	lwz	27, 4(28)		/* totalsize */
	add	27, 27, 28
	copy_words 24, 27, 25

	lwz	22, 32(28)		/* size_dt_strings: where the new names will be */
	stw	22, REG_NAME(21)
	stw	22, NODE + REG_NAME(21)
	addi	23, 22, 4
	stw	23, MARK_NAME(21)
	stw	23, NODE + MARK_NAME(21)
	addi	23, 22, 11
	stw	23, 32(29)
	lwz	23, 12(29)		/* off_dt_strings */
	addi	23, 23, 2 * NODE
	stw	23, 12(29)
	add	23, 23, 22
	add	23, 23, 29
	li	24, 11
	mtctr	24
5:	lbz	0, 0(26)
	stb	0, 0(23)
	addi	26, 26, 1
	addi	23, 23, 1
	bdnz	5b
	lwz	23, 36(29)		/* size_dt_struct */
	addi	23, 23, 2 * NODE
	stw	23, 36(29)
	lwz	23, 4(29)
	addi	23, 23, 2 * NODE + 16
	stw	23, 4(29)

	mr	3, 29
	lis	4, IMAGE_HIGH
	mtctr	4
	bctr
