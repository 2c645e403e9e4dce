// Package kubernetes emits a split as the objects of a cluster: per unit a
// Deployment, or a StatefulSet where it keeps state in files, a ConfigMap that
// tells its processes what they are, a Service and a NetworkPolicy where others
// call it, and a HorizontalPodAutoscaler where it scales. All units run the same
// image.
//
// The objects are values of the types in k8s.io/api; no text is put together.
// What isn't in the plan is left to the user: the namespace, the ways in from
// outside of the cluster, and the secrets, which are named and never written.
//
// No supervisor runs in the cluster: Kubernetes starts again what ends, and the
// environment alone says where calls go. So a split can't be changed call by
// call there, as by `unweld split apply`; new objects roll out instead.
package kubernetes
