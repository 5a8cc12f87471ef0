package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of CPU times in /proc, 100 a second on Linux
// (proc(5)).
const clockTick = 10 * time.Millisecond

// cpuTime returns how much CPU time a process has used.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseCPU(string(stat))
}

// parseCPU reads user and system time from /proc/PID/stat. The name of the
// program, in parentheses, may hold anything.
func parseCPU(stat string) (time.Duration, error) {
	end := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[end+1:])
	const user, system = 11, 12 // fields 14 and 15, counted behind the name
	if end < 0 || len(fields) <= system {
		return 0, fmt.Errorf("no times in %q", stat)
	}
	var ticks int64
	for _, field := range fields[user : system+1] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// memory returns how many bytes of a process are in memory, and peakMemory
// how many there ever were.
func memory(pid int) (int64, error)     { return memoryAs(pid, "VmRSS") }
func peakMemory(pid int) (int64, error) { return memoryAs(pid, "VmHWM") }

func memoryAs(pid int, name string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseMemory(string(status), name)
}

// parseMemory reads a line of /proc/PID/status.
func parseMemory(status, name string) (int64, error) {
	_, rest, found := strings.Cut(status, name+":")
	fields := strings.Fields(rest)
	if !found || len(fields) < 2 || fields[1] != "kB" {
		return 0, fmt.Errorf("no %s in %q", name, status)
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10, err
}

// A usage is what a server took over some time.
type usage struct {
	cpu    float64 // CPUs, 1 for a whole one
	memory int64   // bytes in memory, at the end
}

// A meter measures a server's usage from its making on.
type meter struct {
	pids  []int // none for a server that is not ours: nothing is known of it
	began time.Time
	cpu   time.Duration
}

func newMeter(pids ...int) (m meter, err error) {
	m = meter{pids: pids, began: time.Now()}
	m.cpu, _, err = m.sum()
	return m, err
}

// read returns the usage since the meter was made.
func (m meter) read() (u usage, err error) {
	now, memory, err := m.sum()
	return usage{cpu: (now - m.cpu).Seconds() / time.Since(m.began).Seconds(), memory: memory}, err
}

// sum adds up what the processes take.
func (m meter) sum() (cpu time.Duration, bytes int64, err error) {
	for _, pid := range m.pids {
		c, err := cpuTime(pid)
		if err != nil {
			return 0, 0, err
		}
		b, err := memory(pid)
		if err != nil {
			return 0, 0, err
		}
		cpu, bytes = cpu+c, bytes+b
	}
	return cpu, bytes, nil
}

// percent and mebi say "?" of a server that is not ours.
func (u usage) percent() string { return u.known("%.0f %%", 100*u.cpu) }
func (u usage) mebi() string    { return u.known("%.0f", float64(u.memory)/(1<<20)) }

func (u usage) known(format string, value float64) string {
	if u.memory == 0 {
		return "?"
	}
	return fmt.Sprintf(format, value)
}
