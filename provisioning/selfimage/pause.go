package selfimage

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Pause returns a static Linux program of a few hundred bytes for an architecture
// in Go's names (amd64, arm64, arm). It does nothing until SIGTERM or SIGINT, then
// ends with 0; so it can hold a network namespace and still stop at once, which a
// first process that only slept would not: the kernel gives those no default
// action for signals (pid_namespaces(7)).
//
//	rt_sigprocmask(SIG_BLOCK, {INT, TERM}, NULL, 8)
//	do r = rt_sigtimedwait({INT, TERM}, NULL, NULL, 8) while r < 0
//	exit_group(0)
func Pause(arch string) ([]byte, error) {
	switch arch {
	case "amd64":
		return executable(machine{id: 62, base: 0x400000, bits: 64}, pauseAMD64()), nil
	case "arm64":
		return executable(machine{id: 183, base: 0x400000, bits: 64}, words(pauseARM64())), nil
	case "arm":
		return executable(machine{id: 40, base: 0x10000, bits: 32, flags: 0x05000000}, words(pauseARM())), nil // EABI 5
	}
	return nil, fmt.Errorf("make the pause program: no instructions are known for %q", arch)
}

// signals is the set {SIGINT, SIGTERM}: bit N-1 stands for signal N. It follows
// the instructions.
const signals = 1<<(2-1) | 1<<(15-1)

// setSize is the bytes of a kernel's signal set.
const setSize = 8

func pauseAMD64() []byte {
	code := []byte{
		0xb8, 14, 0, 0, 0, // mov eax, rt_sigprocmask
		0x31, 0xff, // xor edi, edi (SIG_BLOCK)
		0x48, 0x8d, 0x35, 0, 0, 0, 0, // lea rsi, [rip+signals]
		0x31, 0xd2, // xor edx, edx
		0x41, 0xba, setSize, 0, 0, 0, // mov r10d, 8
		0x0f, 0x05, // syscall
		0xb8, 128, 0, 0, 0, // wait: mov eax, rt_sigtimedwait
		0x48, 0x8d, 0x3d, 0, 0, 0, 0, // lea rdi, [rip+signals]
		0x31, 0xf6, // xor esi, esi
		0x31, 0xd2, // xor edx, edx
		0x41, 0xba, setSize, 0, 0, 0, // mov r10d, 8
		0x0f, 0x05, // syscall
		0x85, 0xc0, // test eax, eax
		0x78, 0, // js wait
		0xb8, 231, 0, 0, 0, // mov eax, exit_group
		0x31, 0xff, // xor edi, edi
		0x0f, 0x05, // syscall
	}
	const firstLea, wait, secondLea, jump = 7, 24, 29, 50
	for len(code)%8 != 0 {
		code = append(code, 0x90) // nop: the set is aligned as the kernel expects
	}
	set := len(code)
	binary.LittleEndian.PutUint32(code[firstLea+3:], uint32(set-firstLea-7))
	binary.LittleEndian.PutUint32(code[secondLea+3:], uint32(set-secondLea-7))
	back := wait - (jump + 2)
	code[jump+1] = byte(int8(back))
	return binary.LittleEndian.AppendUint64(code, signals)
}

func pauseARM64() []uint32 {
	mov := func(reg, imm uint32) uint32 { return 0xd2800000 | imm<<5 | reg } // movz xREG, #imm
	adr := func(reg uint32, at, to int) uint32 { return 0x10000000 | uint32(to-at)<<5 | reg }
	const svc, set, wait = 0xd4000001, 16, 6
	return []uint32{
		mov(8, 135), mov(0, 0), adr(1, 2, set), mov(2, 0), mov(3, setSize), svc, // rt_sigprocmask
		mov(8, 137), adr(0, 7, set), mov(1, 0), mov(2, 0), mov(3, setSize), svc, // wait: rt_sigtimedwait
		0xb7f80000 | back(wait, 12, 14)<<5, // tbnz x0, #63, wait
		mov(8, 94), mov(0, 0), svc,         // exit_group
		signals, 0,
	}
}

func pauseARM() []uint32 {
	mov := func(reg, imm uint32) uint32 { return 0xe3a00000 | reg<<12 | imm }
	// add rREG, pc, #offset: the program counter is two instructions ahead.
	adr := func(reg uint32, at, to int) uint32 { return 0xe28f0000 | reg<<12 | uint32(to-at-2)*4 }
	const svc, set, wait = 0xef000000, 18, 6
	return []uint32{
		mov(7, 175), mov(0, 0), adr(1, 2, set), mov(2, 0), mov(3, setSize), svc, // rt_sigprocmask
		mov(7, 177), adr(0, 7, set), mov(1, 0), mov(2, 0), mov(3, setSize), svc, // wait: rt_sigtimedwait
		0xe3500000,                        // cmp r0, #0
		0xba000000 | back(wait, 13+2, 24), // blt wait
		mov(7, 248), mov(0, 0), svc,       // exit_group
		0xe1a00000, // nop: the set is aligned
		signals, 0,
	}
}

// back is the distance of a jump in instructions, as a signed field of so many bits.
func back(to, from, bits int) uint32 { return uint32(int32(to-from)) & (1<<bits - 1) }

func words(list []uint32) []byte {
	var b []byte
	for _, w := range list {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// machine is what an ELF header says of the processor.
type machine struct {
	id    uint16
	bits  int
	base  uint64 // where the file is mapped
	flags uint32
}

// executable puts instructions into an executable of one segment, which can be read and
// executed (System V ABI, "Object Files").
func executable(m machine, code []byte) []byte {
	header, segment, class := 64, 56, byte(2)
	if m.bits == 32 {
		header, segment, class = 52, 32, 1
	}
	entry := m.base + uint64(header+segment)
	size := uint64(header+segment) + uint64(len(code))
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			binary.Write(&b, binary.LittleEndian, v) // to memory: cannot fail
		}
	}
	native := func(v uint64) any { // an address or an offset
		if m.bits == 32 {
			return uint32(v)
		}
		return v
	}
	b.Write([]byte{0x7f, 'E', 'L', 'F', class, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}) // little endian, version 1, System V
	put(uint16(2), m.id, uint32(1))                                              // an executable
	put(native(entry), native(uint64(header)), native(0), m.flags)
	put(uint16(header), uint16(segment), uint16(1), uint16(0), uint16(0), uint16(0))
	const load, readExecute, page = uint32(1), uint32(5), 0x10000 // some ARM kernels have pages of 64 KiB
	if m.bits == 32 {
		put(load, uint32(0), uint32(m.base), uint32(m.base), uint32(size), uint32(size), readExecute, uint32(page))
	} else {
		put(load, readExecute, uint64(0), m.base, m.base, size, size, uint64(page))
	}
	b.Write(code)
	return b.Bytes()
}
