// expect: Awaited<int>
// expect: co_await 10s, with std::chrono_literals
#include <venturi/dag.h>
#include <venturi/own_sensor.h>

venturi::SensorTask<> waits() {
  co_await 10;
}

VENTURI_DAG(example) {
  dag.sensor<waits>();
}
