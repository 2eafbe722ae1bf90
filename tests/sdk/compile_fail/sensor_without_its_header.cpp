// expect: is_there
// expect: #include <venturi/own_sensor.h>
#include <venturi/dag.h>

bool is_there() {
  return true;
}

VENTURI_DAG(example) {
  dag.sensor<is_there>();
}
