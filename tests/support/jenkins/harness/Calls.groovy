import org.codehaus.groovy.runtime.DateGroovyMethods
import org.codehaus.groovy.runtime.DefaultGroovyMethods
import org.codehaus.groovy.runtime.EncodingGroovyMethods
import org.codehaus.groovy.runtime.InvokerHelper
import org.codehaus.groovy.runtime.InvokerInvocationException
import org.codehaus.groovy.runtime.StringGroovyMethods

import java.lang.reflect.Method
import java.util.concurrent.ConcurrentHashMap

/**
 * Which methods, constructors and properties a library calls, in the words of the script-security plugin's
 * whitelists. The classes of the library and of the harness, which stands in for Jenkins, are left out.
 */
class Calls {

    private static final ThreadLocal<Calls> CURRENT = new InheritableThreadLocal<Calls>()
    /** Where the sandbox asks nothing: arithmetic. */
    private static final List<String> MATH = ['plus', 'minus', 'multiply', 'div', 'mod', 'intdiv', 'compareTo']
    private static final List<Class> EXTENSIONS = [
        DefaultGroovyMethods, StringGroovyMethods, EncodingGroovyMethods, DateGroovyMethods,
    ]

    final Set<String> sites = ConcurrentHashMap.newKeySet()
    final Set<String> reached = ConcurrentHashMap.newKeySet()
    /** Where, and in which ways it may be allowed: a method also as one that it overrides. */
    final Set<List<String>> found = ConcurrentHashMap.newKeySet()
    private final Set<List> seen = ConcurrentHashMap.newKeySet()

    /** The calls of this thread's build, and of the threads that it starts. */
    static void watch(Calls calls) { CURRENT.set(calls) }

    static Object method(String site, Object receiver, Object name, boolean safe, Object[] arguments) {
        CURRENT.get().reached << site
        if (receiver == null && safe) {
            return null
        }
        if (receiver != null && !own(receiver) && !(receiver instanceof Number && name in MATH)) {
            CURRENT.get().tell(site, receiver, name as String, arguments)
        }
        return unwrapped { InvokerHelper.invokeMethod(receiver, name as String, arguments) }
    }

    static Object construct(String site, Class type, Object[] arguments) {
        CURRENT.get().reached << site
        if (!own(type)) {
            CURRENT.get().found << [site, "new ${type.name}${types(arguments*.getClass())}".toString()]
        }
        return unwrapped { InvokerHelper.invokeConstructorOf(type, arguments) }
    }

    static Object property(String site, Object receiver, Object name, boolean safe) {
        CURRENT.get().reached << site
        if (receiver == null && safe) {
            return null
        }
        if (receiver instanceof Class && !own(receiver)) {
            CURRENT.get().found << [site, "staticField ${receiver.name} ${name}".toString()]
        } else if (receiver != null && !(receiver instanceof Map) && !own(receiver)) {
            CURRENT.get().tell(site, receiver, 'get' + (name as String).capitalize(), [] as Object[])
        }
        return unwrapped { InvokerHelper.getProperty(receiver, name as String) }
    }

    private static Object unwrapped(Closure invoke) {
        try {
            return invoke()
        } catch (InvokerInvocationException wrapped) {
            throw wrapped.cause
        }
    }

    /** Once for the same types: to look a signature up takes a thousand times as long as the call. */
    private void tell(String site, Object receiver, String name, Object[] arguments) {
        boolean ofClass = receiver instanceof Class
        if (seen.add([site, ofClass, ofClass ? receiver : receiver.getClass(), name, arguments*.getClass()])) {
            found << [site] + signatures(receiver, name, arguments)
        }
    }

    private static boolean own(Object value) {
        Class type = value instanceof Class ? value : value.getClass()
        return type.classLoader instanceof GroovyClassLoader || !type.name.contains('.')
    }

    private static List<String> signatures(Object receiver, String name, Object[] arguments) {
        if (receiver instanceof Class) {
            MetaMethod chosen = InvokerHelper.getMetaClass(receiver).getStaticMetaMethod(name, arguments)
            List<Class> parameters = chosen?.nativeParameterTypes as List ?: arguments*.getClass()
            return ["staticMethod ${receiver.name} ${name}${types(parameters)}".toString()]
        }
        MetaMethod chosen = InvokerHelper.getMetaClass(receiver).pickMethod(name, arguments*.getClass() as Class[])
        if (chosen == null) {
            return ["method ${receiver.getClass().name} ${name}${types(arguments*.getClass())}".toString()]
        }
        List<Class> parameters = chosen.nativeParameterTypes as List
        Class declares = chosen.declaringClass.theClass
        List<String> found = kin(receiver.getClass()).findAll { Class one -> has(one, name, parameters) }.collect { Class one ->
            "method ${one.name} ${name}${types(parameters)}".toString()
        }
        return found ?: EXTENSIONS.findAll { Class one -> has(one, name, [declares] + parameters) }.collect { Class one ->
            "staticMethod ${one.name} ${name}${types([declares] + parameters)}".toString()
        } ?: ["method ${declares.name} ${name}${types(parameters)}".toString()]
    }

    /** type, and what it is too. */
    private static Set<Class> kin(Class type) {
        type == null ? [] as Set : ([type] as Set) + kin(type.superclass) + type.interfaces.collectMany { Class one -> kin(one) }
    }

    private static boolean has(Class type, String name, List<Class> parameters) {
        type.declaredMethods.any { Method one -> one.name == name && one.parameterTypes as List == parameters }
    }

    private static String types(List<Class> all) {
        all.collect { Class one -> one == null ? ' null' : ' ' + one.canonicalName }.join('')
    }

}
