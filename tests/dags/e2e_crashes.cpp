// A DAG program that crashes before it can describe its DAG.
#include <venturi/dag.h>

#include <cstdio>
#include <cstdlib>

VENTURI_DAG(crashes, {}) {
  std::fputs("the table of prices is missing\n", stderr);
  std::abort();
}
