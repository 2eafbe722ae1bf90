// No DAG program at all, though it lies in the DAGs folder: it prints, and ends well.
#include <cstdio>

int main() {
  std::puts("hello, world");
}
