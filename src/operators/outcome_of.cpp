#include "operators/outcome_of.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <new>

#include "operators/outcome.h"

namespace venturi::operators {

Outcome outcome_of(const std::exception_ptr& error) {
  using Kind = Outcome::Kind;
  try {
    std::rethrow_exception(error);
  } catch (const TaskSkipped& e) {
    return {Kind::skipped, {}, e.what()};
  } catch (const TaskRescheduled& e) {
    return {Kind::rescheduled, {}, e.what(), e.date};
  } catch (const TaskFailedForGood& e) {
    return {Kind::failed_for_good, {}, e.what()};
  } catch (const TaskFailed& e) {
    return {Kind::failed, {}, e.what()};
  } catch (const ValueError& e) {
    return {Kind::failed_for_good, {}, std::string("an argument or an answer has another form than expected: ") + e.what()};
  } catch (const boost::system::system_error& e) {
    if (e.code() == boost::asio::error::operation_aborted) return {Kind::stopped, {}, "it was cancelled"};
    return {Kind::failed, {}, e.what()};
  } catch (const std::bad_alloc&) {
    return {Kind::failed, {}, "no memory was left"};
  } catch (const std::exception& e) {
    return {Kind::failed, {}, e.what()};
  } catch (...) {
    return {Kind::failed, {}, "it threw something that is no std::exception"};
  }
}

}  // namespace venturi::operators
