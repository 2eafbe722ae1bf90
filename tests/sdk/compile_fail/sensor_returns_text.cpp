// expect: is_there
// expect: returns bool: whether what it waits for is there
#include <venturi/dag.h>
#include <venturi/own_sensor.h>

std::string is_there() {
  return "yes";
}

VENTURI_DAG(example) {
  dag.sensor<is_there>();
}
