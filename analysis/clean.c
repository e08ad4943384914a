/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/clean.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "common/say.h"
#include "common/xalloc.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static bool is_clean(wchar_t c)
{
	return !iswcntrl(c) && c != 0xfffe && c != 0xffff;
}

/* Copy @text to @out, read by the rules of the thread's locale. */
static void copy_clean(FILE *out, const char *text)
{
	size_t left = strlen(text), len;
	mbstate_t state = {0};
	wchar_t c;

	for (; left; text += len, left -= len) {
		len = mbrtowc(&c, text, left, &state);
		if (len <= left && is_clean(c)) {
			fwrite(text, 1, len, out);
			continue;
		}
		fputs(REPLACEMENT, out);
		if (len > left) {
			state = (mbstate_t){0};
			len = 1;
		}
	}
}

char *clean_text(const char *text)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL), before;
	char *clean;
	size_t len;
	FILE *out = xmemstream(&clean, &len);

	if (!utf8)
		BUG("the C library has no locale C.UTF-8");
	before = uselocale(utf8);
	copy_clean(out, text);
	uselocale(before);
	freelocale(utf8);
	fclose(out);
	return clean;
}

char *clean_cut(char *text, size_t max)
{
	if (strlen(text) <= max)
		return text;
	while (max && (text[max] & 0xc0) == 0x80)
		max--;
	text[max] = '\0';
	return text;
}
