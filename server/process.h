#ifndef CHATGATE_SERVER_PROCESS_H_
#define CHATGATE_SERVER_PROCESS_H_

namespace chatgate {

// Sets what a process has from its surroundings as a gateway needs it: as many
// open files as it may have, because each connection is one and the usual
// soft limit is 1,024; and memory that goes back when a large body has been
// read. Once, before the first other thread. Logs a warning where the machine
// allows too few files.
void PrepareProcess();

}  // namespace chatgate

#endif  // CHATGATE_SERVER_PROCESS_H_
