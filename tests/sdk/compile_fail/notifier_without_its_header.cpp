// expect: PageOnCall
// expect: #include <venturi/own_notifier.h>
#include <venturi/dag.h>

struct PageOnCall {
  std::string text;
  void notify(const venturi::CallbackContext&) const {}
};
VENTURI_STRUCT(PageOnCall, text);

VENTURI_DAG(example, {.on_failure_callback = PageOnCall{.text = "failed"}}) {}
