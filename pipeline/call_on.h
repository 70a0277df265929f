// Runs a plain function on another executor from a coroutine, which itself stays on its own: a coroutine
// never changes its executor.
#pragma once

#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cistern {

// Waits for `start(callback)`, where callback takes one T and may be called once, on any thread.
template <class T, class Start>
boost::asio::awaitable<T> wait_for(Start start) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(
      [start = std::move(start)](auto handler) mutable {
        auto executor = boost::asio::get_associated_executor(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        start([shared, executor](T value) {
          boost::asio::post(executor,
                            [shared, value = std::move(value)]() mutable { (*shared)(std::move(value)); });
        });
      },
      boost::asio::use_awaitable);
}

// The value of `function()`, called on `where`.
template <class Function>
auto call_on(boost::asio::any_io_executor where, Function function)
    -> boost::asio::awaitable<std::invoke_result_t<Function&>> {
  using T = std::invoke_result_t<Function&>;
  return wait_for<T>([where = std::move(where), function = std::move(function)](auto done) mutable {
    boost::asio::post(
        where, [function = std::move(function), done = std::move(done)]() mutable { done(function()); });
  });
}

}  // namespace cistern
