package win32

import (
	"errors"
	"image"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"

	"deskside/internal/helper/device"
)

const (
	perMonitor   = ^uintptr(2) // DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE, −3
	perMonitorV2 = ^uintptr(3) // DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2, −4

	awarePerMonitor = 2 // DPI_AWARENESS_PER_MONITOR_AWARE, which both give

	metricSwapped = 23 // SM_SWAPBUTTON
	metricDeskX   = 76 // SM_XVIRTUALSCREEN, and so on
	metricDeskY   = 77
	metricDeskW   = 78
	metricDeskH   = 79

	monitorPrimary = 1 // MONITORINFOF_PRIMARY
	monitorNearest = 2 // MONITOR_DEFAULTTONEAREST
)

// errAwareness says that the program is to count pixels otherwise, by its
// manifest or because it has shown a window.
var errAwareness = errors.New("this program doesn't count in the monitors' own pixels")

// beAware has Windows count in the monitors' own pixels, for the whole process.
func beAware() error {
	if procSetProcessDpiAwarenessContext.Find() != nil { // Windows 10 before 1703
		return failed(procSetProcessDPIAware.Call())
	}
	for _, context := range []uintptr{perMonitorV2, perMonitor} { // Wine 8 has the latter only
		if ok, _, _ := procSetProcessDpiAwarenessContext.Call(context); ok != 0 {
			return nil
		}
	}
	// It can be set once; whoever was first may have set the same.
	context, _, _ := procGetThreadDpiAwarenessContext.Call()
	if is, _, _ := procGetAwareness.Call(context); is != awarePerMonitor {
		return errAwareness
	}
	return nil
}

// A monitorInfo is a MONITORINFOEXW.
type monitorInfo struct {
	size  uint32
	area  rect
	work  rect
	flags uint32
	name  [32]uint16
}

func infoOf(monitor uintptr) (info monitorInfo, err error) {
	info.size = uint32(unsafe.Sizeof(info))
	err = failed(procGetMonitorInfo.Call(monitor, uintptr(unsafe.Pointer(&info))))
	return info, err
}

// onMonitor collects the handles of monitors.
var onMonitor = sync.OnceValue(func() uintptr {
	return windows.NewCallback(func(monitor, _, _ uintptr, all *[]uintptr) uintptr {
		*all = append(*all, monitor)
		return 1
	})
})

func (c *computer) Monitors() ([]device.Monitor, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	handles := new([]uintptr)
	if err := failed(procEnumDisplayMonitors.Call(0, 0, onMonitor(), uintptr(unsafe.Pointer(handles)))); err != nil {
		return nil, err
	}
	var monitors []device.Monitor
	for _, handle := range *handles {
		info, err := infoOf(handle)
		if err != nil {
			continue // it was pulled out just now
		}
		monitor := device.Monitor{Name: windows.UTF16ToString(info.name[:]), Area: info.area.rectangle()}
		if info.flags&monitorPrimary != 0 {
			monitors = append([]device.Monitor{monitor}, monitors...)
		} else {
			monitors = append(monitors, monitor)
		}
	}
	return monitors, nil
}

// deskArea returns the rectangle around all monitors.
func deskArea() image.Rectangle {
	x, y := metric(metricDeskX), metric(metricDeskY)
	return image.Rect(x, y, x+metric(metricDeskW), y+metric(metricDeskH))
}

func metric(which uintptr) int {
	value, _, _ := procGetSystemMetrics.Call(which)
	return int(int32(value))
}

// onMonitors returns the place on a monitor that is nearest to a place.
func onMonitors(at image.Point) (image.Point, error) {
	monitor, _, _ := procMonitorFromPoint.Call(packed(at), monitorNearest)
	info, err := infoOf(monitor)
	if err != nil {
		return image.Point{}, err
	}
	on, _ := device.Nearest(at, []device.Monitor{{Area: info.area.rectangle()}})
	return on, nil
}
