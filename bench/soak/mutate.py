"""Rubbish from good text: bytes and words changed, cut, doubled, mixed with another text, or nested beyond reason."""

BITS = [b"\n", b" ", b"\t", b":", b": ", b"- ", b"[", b"]", b"{", b"}", b'"', b"'", b"|\n", b">", b"&a ", b"*a", b"!!x ",
        b"<<: ", b"---\n", b"#", b"${", b"null", b"~", b"\xff", b"\xc3", b"\x00", "\u00fc".encode(), b"\xed\xa0\x80", b"%", b"\\",
        b"0", b"-1", b"99999999999999999999", b"1e999", b";", b"--", b"/*", b"*/", b"$$", b"$a$", b"E'\\", b"(", b")", b",",
        b"::", b"NULL", b" AS ", b" FROM ", b" WHERE ", b"\r\n", "\ufeff".encode(), b"\\copy x\n", b"COPY t FROM stdin;\n",
        b"\\.\n", b"DO $$ BEGIN END $$;", b"-- segue: allow ", b"BEGIN;", b"U&\"\\0061\""]
DEEP = [b"(", b"[", b"{", b"((SELECT ", b"a: [", b"- ", b"CASE WHEN ", b"NOT ", b"1+", b"/*", b"'a'||", b"a.", b"  "]


def mutate(random, text, others):
    changed = bytearray(text)
    for _ in range(random.randint(1, 6)):
        at = random.randint(0, len(changed))
        kind = random.randint(0, 9)
        if kind <= 2:
            changed[at:at] = random.choice(BITS)
        elif kind == 3:
            del changed[at:at + random.randint(1, 30)]
        elif kind == 4:  # a piece of itself, elsewhere
            start = random.randint(0, len(changed))
            changed[at:at] = changed[start:start + random.randint(1, 200)]
        elif kind == 5:  # a piece of another text
            other = random.choice(others)
            start = random.randint(0, len(other))
            changed[at:at + random.randint(0, 40)] = other[start:start + random.randint(1, 300)]
        elif kind == 6 and at < len(changed):
            changed[at] = random.randint(0, 255)
        elif kind == 7:  # two lines change places
            lines = bytes(changed).split(b"\n")
            one, two = random.randrange(len(lines)), random.randrange(len(lines))
            lines[one], lines[two] = lines[two], lines[one]
            changed = bytearray(b"\n".join(lines))
        elif kind == 8 and random.random() < 0.15:
            del changed[at:]
        elif kind == 9 and random.random() < 0.05:
            changed[at:at] = random.choice(DEEP) * random.choice([50, 1000, 20000])
    return bytes(changed)
