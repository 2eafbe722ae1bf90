// A DAG program that hangs when it is asked for its DAG.
#include <venturi/dag.h>

#include <unistd.h>

VENTURI_DAG(hangs, {}) {
  for (;;) ::pause();
}
