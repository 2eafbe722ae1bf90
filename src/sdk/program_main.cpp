// main() of a DAG program; one that brings its own is linked with that.
#include "sdk/program.h"

int main(int argc, char** argv) {
  return venturi::internal::program_main(argc, argv);
}
