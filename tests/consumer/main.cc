// A program of somebody else's that depends on Slotwise.
#include <iostream>

#include "allocator/extent.h"

int main() {
  std::cout << slotwise::Extent(slotwise::BlockIndex(8), slotwise::BlockCount(4)) << "\n";
  return 0;
}
