// expect: Arrived
// expect: takes a function, or a struct with poke(const Context&)
#include <venturi/dag.h>
#include <venturi/own_sensor.h>

struct Arrived {
  std::string path;
  bool check(const venturi::Context&) const { return true; }
};
VENTURI_STRUCT(Arrived, path);

VENTURI_DAG(example) {
  dag.sensor("arrived", Arrived{.path = "/in"});
}
