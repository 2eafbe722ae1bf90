#include "sdk/caught.h"

#include <cxxabi.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <typeinfo>
#include <utility>

namespace venturi::inline sdk::internal {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The name of an exception's class as its user knows it: of the SDK's own Airflow's name where it has one, otherwise without
// our namespaces.
std::string shown_type(std::string name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> airflow{
      {{"venturi::TaskSkipped", "AirflowSkipException"},
       {"venturi::TaskFailedForGood", "AirflowFailException"},
       {"venturi::TaskCancelled", "AirflowTaskTimeout"},
       {"venturi::TaskDeferralError", "TaskDeferralError"},
       {"venturi::TaskDeferralTimeout", "TaskDeferralTimeout"},
       {"venturi::NotFound", "AirflowNotFoundException"},
       {"venturi::ServerError", "AirflowRuntimeError"},
       {"venturi::HookError", "AirflowException"}}};
  replace_all(name, "venturi::sdk::", "venturi::");
  for (const auto& [ours, theirs] : airflow) {
    if (name == ours) return std::string(theirs);
  }
  replace_all(name, "venturi::", "");
  replace_all(name, "(anonymous namespace)::", "");
  replace_all(name, "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string");
  return name;
}

}  // namespace

Caught current_exception_text() {
  Caught caught;
  if (const std::type_info* type = abi::__cxa_current_exception_type()) {
    int status = 0;
    char* name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    caught.type = shown_type(status == 0 && name != nullptr ? name : type->name());
    std::free(name);
  }
  try {
    throw;
  } catch (const std::exception& e) {
    caught.text = e.what();
  } catch (const TaskCancelled& e) {
    caught.text = e.what();
  } catch (const std::string& text) {
    caught.text = text;
  } catch (const char* text) {
    caught.text = text;
  } catch (...) {
    caught.text = "an exception of type " + caught.type;
  }
  if (caught.text.empty()) caught.text = caught.type;
  return caught;
}

}  // namespace venturi::inline sdk::internal
