#!/bin/bash
# A compile of a small C program of eight files by make, four at a time; its test; and a change, after which one file is compiled again.
set -eu
cd "$(mktemp -d)"
for n in 1 2 3 4 5 6 7 8; do
  printf '#include "all.h"\nint part%d(int n) { return n * %d; }\n' $n $n >part$n.c
done
{
  echo '#include <stdio.h>'
  for n in 1 2 3 4 5 6 7 8; do echo "int part$n(int n);"; done
} >all.h
{
  echo '#include "all.h"'
  echo 'int main(void) { int sum = 0;'
  for n in 1 2 3 4 5 6 7 8; do echo "sum += part$n(2);"; done
  echo 'printf("%d\n", sum); return sum == 72 ? 0 : 1; }'
} >main.c
cat >Makefile <<'END'
OBJECTS := main.o part1.o part2.o part3.o part4.o part5.o part6.o part7.o part8.o
test: program
	@./program
program: $(OBJECTS)
	@gcc -O1 -o $@ $^
	@echo linked
%.o: %.c all.h
	@gcc -O1 -Wall -Werror -c -o $@ $<
	@echo $@ >>compiled
END
make -s -j4 test
sort compiled | uniq -c | tr -s ' '
touch -d '-1 minute' ./*
sed -i 's/n \* 3/n * 4/' part3.c
if make -s test; then echo "not seen"; else echo "the test fails now"; fi
tail -n 1 compiled
