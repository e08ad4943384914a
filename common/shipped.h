/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shipped: files that come with the programs, such as machine models. */
#ifndef COMMON_SHIPPED_H
#define COMMON_SHIPPED_H

/*
 * The path of @file ("configs/machines/published.tsv"), in memory that the caller frees: in the tree that
 * this program was built in, or below share/faultscale/ of where it is installed; NULL if it is in
 * neither.
 */
char *shipped_path(const char *file);

#endif
