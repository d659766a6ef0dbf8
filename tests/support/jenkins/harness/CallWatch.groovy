import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.ClassCodeExpressionTransformer
import org.codehaus.groovy.ast.ClassHelper
import org.codehaus.groovy.ast.expr.ArgumentListExpression
import org.codehaus.groovy.ast.expr.ArrayExpression
import org.codehaus.groovy.ast.expr.AttributeExpression
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClassExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.ConstructorCallExpression
import org.codehaus.groovy.ast.expr.DeclarationExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.MethodPointerExpression
import org.codehaus.groovy.ast.expr.PropertyExpression
import org.codehaus.groovy.ast.expr.SpreadExpression
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.classgen.GeneratorContext
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.control.customizers.CompilationCustomizer
import org.codehaus.groovy.syntax.Token
import org.codehaus.groovy.syntax.Types

/**
 * Has every call of a class go through `Calls`, as Jenkins' script sandbox has it: methods, constructors,
 * properties and operators of whatever receiver. Calls without a receiver stay: they are steps or the class's
 * own. Left out are comparisons, ranges and casts; what is not known here is refused instead of overlooked.
 */
class CallWatch extends CompilationCustomizer {

    private final Calls calls

    CallWatch(Calls calls) {
        super(CompilePhase.CANONICALIZATION)
        this.calls = calls
    }

    @Override
    void call(SourceUnit source, GeneratorContext context, ClassNode node) {
        new Rewriter(source, calls).visitClass(node)
    }

    static class Rewriter extends ClassCodeExpressionTransformer {

        private static final Map<Integer, String> OPERATORS = [
            (Types.PLUS): 'plus', (Types.MINUS): 'minus', (Types.MULTIPLY): 'multiply', (Types.DIVIDE): 'div',
            (Types.MOD): 'mod', (Types.LEFT_SHIFT): 'leftShift', (Types.LEFT_SQUARE_BRACKET): 'getAt',
        ]
        private static final Map<Integer, String> CHANGES = [(Types.PLUS_EQUAL): 'plus', (Types.MINUS_EQUAL): 'minus']
        private static final List<Integer> PLAIN = [
            Types.LOGICAL_AND, Types.LOGICAL_OR, Types.COMPARE_EQUAL, Types.COMPARE_NOT_EQUAL,
            Types.COMPARE_LESS_THAN, Types.COMPARE_LESS_THAN_EQUAL, Types.COMPARE_GREATER_THAN,
            Types.COMPARE_GREATER_THAN_EQUAL, Types.KEYWORD_INSTANCEOF,
        ]

        final SourceUnit sourceUnit
        private final Calls calls

        Rewriter(SourceUnit source, Calls calls) {
            this.sourceUnit = source
            this.calls = calls
        }

        @Override
        Expression transform(Expression given) {
            switch (given) {
                case null: return null
                case ClosureExpression:
                    given.code.visit(this)
                    return given
                case MethodCallExpression: return method(given)
                case ConstructorCallExpression: return constructor(given)
                case MethodPointerExpression:
                case SpreadExpression:
                case AttributeExpression: throw unknown(given)
                case PropertyExpression: return property(given)
                case DeclarationExpression: return assigned(given)
                case BinaryExpression: return binary(given)
                default: return super.transform(given)
            }
        }

        private Expression method(MethodCallExpression given) {
            if (given.implicitThis || given.objectExpression.text in ['this', 'super']) {
                return super.transform(given)
            }
            if (given.spreadSafe) {
                throw unknown(given)
            }
            return watched('method', given, transform(given.objectExpression), transform(given.method),
                new ConstantExpression(given.safe), values(given.arguments))
        }

        private Expression constructor(ConstructorCallExpression given) {
            if (given.specialCall) {
                return super.transform(given)
            }
            return watched('construct', given, new ClassExpression(given.type), values(given.arguments))
        }

        private Expression property(PropertyExpression given) {
            if (given.spreadSafe) {
                throw unknown(given)
            }
            if (given.objectExpression.text == 'this') {
                return given
            }
            return watched('property', given, transform(given.objectExpression), transform(given.property),
                new ConstantExpression(given.safe))
        }

        private Expression binary(BinaryExpression given) {
            int type = given.operation.type
            if (type == Types.EQUAL) {
                return assigned(given)
            }
            if (type in PLAIN) {
                return super.transform(given)
            }
            Expression right = transform(given.rightExpression)
            if (type == Types.KEYWORD_IN) {
                return watched('method', given, right, new ConstantExpression('isCase'),
                    new ConstantExpression(false), array([transform(given.leftExpression)]))
            }
            String name = OPERATORS[type] ?: CHANGES[type]
            if (!name || CHANGES[type] && !(given.leftExpression instanceof VariableExpression)) {
                throw unknown(given)
            }
            Expression answer = watched('method', given, transform(given.leftExpression),
                new ConstantExpression(name), new ConstantExpression(false), array([right]))
            if (!CHANGES[type]) {
                return answer
            }
            Token equal = Token.newSymbol(Types.EQUAL, given.lineNumber, given.columnNumber)
            return new BinaryExpression(given.leftExpression, equal, answer)
        }

        /** What stands on the left is one of its own variables or fields, or a property of one of its objects. */
        private Expression assigned(BinaryExpression given) {
            given.rightExpression = transform(given.rightExpression)
            return given
        }

        private Expression values(Expression arguments) {
            array((arguments as TupleExpression).expressions.collect { Expression one -> transform(one) })
        }

        private static Expression array(List<Expression> values) {
            new ArrayExpression(ClassHelper.OBJECT_TYPE, values)
        }

        private Expression watched(String kind, Expression given, Expression... arguments) {
            String site = "${sourceUnit.name.tokenize('/').last()}:${given.lineNumber}:${given.columnNumber} ${given.text}"
            calls.sites << site
            Expression made = new StaticMethodCallExpression(ClassHelper.make(Calls), kind,
                new ArgumentListExpression([new ConstantExpression(site)] + (arguments as List<Expression>)))
            made.sourcePosition = given
            return made
        }

        private Exception unknown(Expression given) {
            new IllegalStateException("${sourceUnit.name}:${given.lineNumber}: what would the script sandbox say to ${given.text}?")
        }

    }

}
