/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list: a circular doubly linked list that runs through its elements; include/linux/list.h by
 * meaning. The head is a node too; an empty list is a head that points to itself. Every change
 * belongs under the owner's lock; list_empty() alone may be asked without it, and then is a hint.
 */
#ifndef PFT_BASE_LIST_H
#define PFT_BASE_LIST_H

#include <stdbool.h>

#include "pft/base/arch.h"
#include "pft/base/compiler.h"

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name) {&(name), &(name)}

static inline void list_init(struct list_head *head)
{
	arch_write_once(&head->next, head);
	head->prev = head;
}

/* Put @node between two neighbours. */
static inline void list_insert(struct list_head *node, struct list_head *prev,
			       struct list_head *next)
{
	next->prev = node;
	node->next = next;
	node->prev = prev;
	arch_write_once(&prev->next, node);
}

/* Make @node the first of the list. */
static inline void list_add(struct list_head *node, struct list_head *head)
{
	list_insert(node, head, head->next);
}

/* Make @node the last of the list. */
static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	list_insert(node, head->prev, head);
}

/* Take @node out; it belongs to no list until it is added or initialised again. */
static inline void list_del(struct list_head *node)
{
	node->next->prev = node->prev;
	arch_write_once(&node->prev->next, node->next);
	node->next = NULL;
	node->prev = NULL;
}

/* Take @node out and leave it an empty list, so that list_empty(node) tells that it is in none. */
static inline void list_del_init(struct list_head *node)
{
	node->next->prev = node->prev;
	arch_write_once(&node->prev->next, node->next);
	list_init(node);
}

/* Move @node to the front, or to the end, of another or the same list. */
static inline void list_move(struct list_head *node, struct list_head *head)
{
	list_del(node);
	list_add(node, head);
}

static inline void list_move_tail(struct list_head *node, struct list_head *head)
{
	list_del(node);
	list_add_tail(node, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return arch_read_once(&head->next) == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

/* Put all of @list in front of (list_splice) or behind (list_splice_tail) what @head holds; @list
 * is empty afterwards. */
static inline void list_splice_between(struct list_head *list, struct list_head *prev,
				       struct list_head *next)
{
	if (list_empty(list))
		return;
	list->prev->next = next;
	next->prev = list->prev;
	list->next->prev = prev;
	arch_write_once(&prev->next, list->next);
	list_init(list);
}

static inline void list_splice(struct list_head *list, struct list_head *head)
{
	list_splice_between(list, head, head->next);
}

static inline void list_splice_tail(struct list_head *list, struct list_head *head)
{
	list_splice_between(list, head->prev, head);
}

#define list_entry(node, type, member) container_of(node, type, member)

/* The first or last element of a list that is not empty; the _or_null one of any list. */
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))

/* Walk over the nodes; the _safe form, with room for one more node, allows taking @node out. */
#define list_for_each(node, head) \
	for ((node) = (head)->next; (node) != (head); (node) = (node)->next)
#define list_for_each_safe(node, spare, head) \
	for ((node) = (head)->next, (spare) = (node)->next; (node) != (head); \
	     (node) = (spare), (spare) = (node)->next)

/* The node of an element, or the head where @pos is what a walk makes of it; by arithmetic, since
 * that is no element and may not be aligned as one. */
#define list_node(pos, member) \
	((struct list_head *)(void *)((char *)(pos) + offsetof(__typeof__(*(pos)), member)))

/* Walk over the elements: @pos is a pointer to the struct that holds @member. */
#define list_for_each_entry(pos, head, member) \
	for ((pos) = list_entry((head)->next, __typeof__(*(pos)), member); \
	     list_node(pos, member) != (head); \
	     (pos) = list_entry((pos)->member.next, __typeof__(*(pos)), member))
#define list_for_each_entry_safe(pos, spare, head, member) \
	for ((pos) = list_entry((head)->next, __typeof__(*(pos)), member), \
	    (spare) = list_entry(list_node(pos, member)->next, __typeof__(*(pos)), member); \
	     list_node(pos, member) != (head); (pos) = (spare), \
	    (spare) = list_entry(list_node(spare, member)->next, __typeof__(*(pos)), member))

#endif
